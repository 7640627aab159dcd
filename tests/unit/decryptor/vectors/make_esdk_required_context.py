"""Makes esdk_required_context.json: messages of AWS's own library under a required encryption context CMM.

It runs in an environment of its own, because that library needs AWS's material providers:

    python -m venv /tmp/mpl && /tmp/mpl/bin/pip install 'aws-encryption-sdk[MPL]==4.0.7'
    /tmp/mpl/bin/python tests/unit/decryptor/vectors/make_esdk_required_context.py
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from aws_cryptographic_material_providers.mpl import (  # type: ignore[import-not-found]
    AwsCryptographicMaterialProviders,
)
from aws_cryptographic_material_providers.mpl import models as mpl
from aws_cryptographic_material_providers.mpl.config import (  # type: ignore[import-not-found]
    MaterialProvidersConfig,
)
from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient
from aws_encryption_sdk.identifiers import AlgorithmSuite
from botocore.session import get_session

KEY = "arn:aws:kms:eu-west-1:000000000000:key/00000000-0000-0000-0000-000000000000"
PLAINTEXT = b"SubscriberKey,SendID\r\n" + b"".join(b"%d,7\r\n" % number for number in range(60))
COMMITTING = AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY
SIGNING = AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384
VERSION_1 = AlgorithmSuite.AES_256_GCM_IV12_TAG16_HKDF_SHA256
CASES: tuple[tuple[str, dict[str, str], dict[str, str], AlgorithmSuite, int], ...] = (
    ("one pair, nothing stored", {"purpose": "landing"}, {}, COMMITTING, 256),
    ("two pairs and a stored one, signed", {"unit": "7", "purpose": "landing"}, {"by": "a"}, SIGNING, 4096),
    ("beyond ASCII, unframed", {"z": "1", "éunit": "7"}, {"purpose": "Zürich"}, COMMITTING, 0),
    ("version 1", {"purpose": "landing"}, {"unit": "7"}, VERSION_1, 4096),
)


class OneKeyKms:
    """Answers GenerateDataKey, and writes down the key and the encryption context that it is asked for."""

    def __init__(self) -> None:
        self.data_key = b""
        self.blob = os.urandom(184)
        self.context: dict[str, str] = {}

    def client(self) -> Any:
        session = get_session()
        session.set_credentials("test", "test")
        client = session.create_client("kms", region_name="eu-west-1")
        client.meta.events.register("before-call.kms.GenerateDataKey", self._answer)  # type: ignore[arg-type]
        return client

    def _answer(self, params: dict[str, Any], **_: object) -> tuple[Any, dict[str, object]]:
        class Http:
            status_code = 200

        asked = json.loads(params["body"])
        self.data_key, self.context = os.urandom(asked["NumberOfBytes"]), asked["EncryptionContext"]
        return Http, {"Plaintext": self.data_key, "CiphertextBlob": self.blob, "KeyId": KEY}


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def vector(
    name: str, required: dict[str, str], stored: dict[str, str], suite: AlgorithmSuite, frame_length: int
) -> dict[str, object]:
    kms = OneKeyKms()
    providers = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
    keyring = providers.create_aws_kms_keyring(
        input=mpl.CreateAwsKmsKeyringInput(kms_key_id=KEY, kms_client=kms.client())
    )
    plain = providers.create_default_cryptographic_materials_manager(
        input=mpl.CreateDefaultCryptographicMaterialsManagerInput(keyring=keyring)
    )
    manager = providers.create_required_encryption_context_cmm(
        input=mpl.CreateRequiredEncryptionContextCMMInput(
            underlying_cmm=plain, required_encryption_context_keys=list(required)
        )
    )
    policy = (
        CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
        if suite.is_committing()
        else CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
    )
    message, _ = EncryptionSDKClient(commitment_policy=policy).encrypt(
        source=PLAINTEXT,
        materials_manager=manager,
        encryption_context={**stored, **required},
        algorithm=suite,
        frame_length=frame_length,
    )
    return {
        "name": name,
        "required": required,
        "kms_context": kms.context,
        "data_key": text(kms.data_key),
        "wrapped_key": text(kms.blob),
        "message": text(message),
        "plaintext": text(PLAINTEXT),
    }


if __name__ == "__main__":
    made = {"made_by": "aws-encryption-sdk[MPL] 4.0.7", "vectors": [vector(*case) for case in CASES]}
    target = Path(__file__).with_name("esdk_required_context.json")
    target.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
