"""Makes s3ec.json: objects encrypted by AWS's own client, for the reader in the decryptor to be held against.

It runs in an environment of its own, because that client pins another ``cryptography``:

    python -m venv /tmp/s3ec && /tmp/s3ec/bin/pip install amazon-s3-encryption-client-python==4.0.0
    /tmp/s3ec/bin/python tests/unit/decryptor/vectors/make_s3ec.py
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from botocore.session import get_session
from s3_encryption.materials.crypto_materials_manager import (  # type: ignore[import-not-found]
    DefaultCryptoMaterialsManager,
)
from s3_encryption.materials.kms_keyring import KmsKeyring  # type: ignore[import-not-found]
from s3_encryption.materials.materials import AlgorithmSuite  # type: ignore[import-not-found]
from s3_encryption.pipelines import (  # type: ignore[import-not-found]
    MultipartUploadPipeline,
    PutEncryptedObjectPipeline,
)

PLAINTEXT = b"SubscriberKey,SendID\r\n" + b"".join(b"%d,7\r\n" % number for number in range(60))
CONTEXT = {"purpose": "landing"}
SUITES = {
    "v2": AlgorithmSuite.ALG_AES_256_GCM_IV12_TAG16_NO_KDF,
    "v3": AlgorithmSuite.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
}


class OneKeyKms:
    """Answers GenerateDataKey with a key that is written down."""

    def __init__(self) -> None:
        self.data_key = os.urandom(32)
        self.blob = os.urandom(184)

    def client(self) -> Any:
        session = get_session()
        session.set_credentials("test", "test")
        client = session.create_client("kms", region_name="eu-west-1")
        client.meta.events.register("before-call.kms.GenerateDataKey", self._answer)  # type: ignore[arg-type]
        return client

    def _answer(self, **_: object) -> tuple[Any, dict[str, object]]:
        class Http:
            status_code = 200

        return Http, {"Plaintext": self.data_key, "CiphertextBlob": self.blob, "KeyId": "key"}


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def vector(name: str, multipart: bool) -> dict[str, object]:
    kms, suite = OneKeyKms(), SUITES[name]
    manager = DefaultCryptoMaterialsManager(KmsKeyring(kms_client=kms.client(), kms_key_id="key"))
    if multipart:
        upload = MultipartUploadPipeline(manager, suite, dict(CONTEXT))
        middle = len(PLAINTEXT) // 2
        content = upload.encrypt_part(1, PLAINTEXT[:middle])
        content += upload.encrypt_part(2, PLAINTEXT[middle:], is_last=True)
        metadata = upload.metadata
    else:
        content, metadata = PutEncryptedObjectPipeline(manager, suite).encrypt(PLAINTEXT, dict(CONTEXT))
    return {
        "name": f"{name} {'multipart' if multipart else 'put'}",
        "data_key": text(kms.data_key),
        "wrapped_key": text(kms.blob),
        "metadata": metadata,
        "content": text(content),
        "plaintext": text(PLAINTEXT),
    }


if __name__ == "__main__":
    made = [vector(name, multipart) for name in SUITES for multipart in (False, True)]
    document = {"made_by": "amazon-s3-encryption-client-python 4.0.0", "vectors": made}
    Path(__file__).with_name("s3ec.json").write_text(json.dumps(document, indent=1) + "\n")
