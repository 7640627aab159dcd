"""A KMS for tests: real botocore clients whose requests are answered in this process.

Unlike the emulator it authenticates: a ciphertext that was changed, or comes with another encryption context
or key, is refused as AWS does.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import botocore.session
from botocore.session import Session
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.decryptor.kms import KmsClients, kms_clients

REGION = "eu-west-1"
_MODELS = botocore.session.get_session().get_component("data_loader")  # read once: it takes a while
_HEADER = b"\x01\x02\x02\x00x"  # as AWS's own ciphertexts begin


@dataclass(eq=False)
class KmsDouble:
    """Keys by ARN. ``fail_with`` makes every call answer that error code; ``calls`` lists the operations."""

    keys: dict[str, bytes] = field(default_factory=dict)
    fail_with: str | None = None
    status: int = 400
    calls: list[str] = field(default_factory=list)
    _planted: dict[bytes, tuple[bytes, Mapping[str, str]]] = field(default_factory=dict)

    def create_key(self) -> str:
        """A new key's ARN."""
        arn = f"arn:aws:kms:{REGION}:000000000000:key/{len(self.keys):08d}-0000-0000-0000-000000000000"
        self.keys[arn] = os.urandom(32)
        return arn

    @cached_property
    def session(self) -> Session:
        """A session whose clients ask this KMS."""
        session = botocore.session.get_session()
        session.register_component("data_loader", _MODELS)
        session.set_credentials("test", "test")
        session.set_config_variable("region", REGION)
        session.register("before-call.kms", self._answer)  # type: ignore[arg-type]  # the stub knows no answer
        return session

    @cached_property
    def clients(self) -> KmsClients:
        """Clients for the decryptor."""
        return kms_clients(self.session)

    def encrypt(self, key_arn: str, plaintext: bytes, context: Mapping[str, str]) -> bytes:
        """A ciphertext blob."""
        index, nonce = list(self.keys).index(key_arn), os.urandom(12)
        head = _HEADER + index.to_bytes(2, "big") + nonce
        return head + AESGCM(self.keys[key_arn]).encrypt(nonce, plaintext, _associated(head, context))

    def plant(self, blob: bytes, plaintext: bytes, context: Mapping[str, str]) -> None:
        """Have ``blob``, made elsewhere, be a ciphertext under the first key."""
        self._planted[blob] = plaintext, context

    def _decrypt(self, blob: bytes, context: Mapping[str, str], key_id: str | None) -> dict[str, object]:
        head, arns = blob[:19], list(self.keys)
        if blob in self._planted and self._planted[blob][1] == context:
            return {"Plaintext": self._planted[blob][0], "KeyId": arns[0]}
        index = int.from_bytes(blob[5:7], "big")
        if not blob.startswith(_HEADER) or index >= len(arns) or len(head) < 19:
            raise _RefusedError("InvalidCiphertextException")
        if key_id not in (None, arns[index]):
            raise _RefusedError("IncorrectKeyException" if key_id in self.keys else "NotFoundException")
        try:
            cipher = AESGCM(self.keys[arns[index]])
            plaintext = cipher.decrypt(head[7:], blob[19:], _associated(head, context))
        except InvalidTag:
            raise _RefusedError("InvalidCiphertextException") from None
        return {"Plaintext": plaintext, "KeyId": arns[index]}

    def _answer(self, params: dict[str, Any], **_: object) -> tuple[_Http, dict[str, object]]:
        asked = json.loads(params["body"])
        operation = str(params["headers"]["X-Amz-Target"]).rpartition(".")[2]
        self.calls.append(operation)
        context = asked.get("EncryptionContext", {})
        parsed: dict[str, object]
        try:
            if self.fail_with:
                raise _RefusedError(self.fail_with)
            if operation == "GenerateDataKey":
                plaintext = os.urandom(asked.get("NumberOfBytes", 32))
                blob = self.encrypt(asked["KeyId"], plaintext, context)
                parsed = {
                    "Plaintext": plaintext,
                    "CiphertextBlob": blob,
                    "KeyId": asked["KeyId"],
                }
            elif operation == "Encrypt":
                plaintext = base64.b64decode(asked["Plaintext"])
                parsed = {
                    "CiphertextBlob": self.encrypt(asked["KeyId"], plaintext, context),
                    "KeyId": asked["KeyId"],
                }
            else:
                parsed = self._decrypt(base64.b64decode(asked["CiphertextBlob"]), context, asked.get("KeyId"))
        except _RefusedError as refused:
            return _Http(self.status), _error(refused.code, self.status)
        return _Http(200), {**parsed, "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "request-1"}}


class _RefusedError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class _Http:
    status_code: int


def _associated(head: bytes, context: Mapping[str, str]) -> bytes:
    return head + json.dumps(context, sort_keys=True).encode()


def _error(code: str, status: int) -> dict[str, object]:
    return {
        "Error": {"Code": code, "Message": "a message that may name the key"},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "request-1"},
    }
