"""PGP keys that are exchanged in Secrets Manager while the service runs."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from landfall.waiting import wait_until
from services.decryptor.encryption_errors import PgpInterrupted, PgpSecretUnreadable, PgpSecretUnusable
from services.decryptor.gpg.home import GpgHome
from services.decryptor.gpg.rotation import FRESH_SECONDS, KeyNames, RotatingKeys
from shared.errors import AwsUnavailable
from tests.doubles.s3 import failure
from tests.unit.decryptor.gpg_sender import NEEDS_GPG, PASSPHRASE, Sender, sender
from tests.unit.decryptor.landing import CSV, NO_KEYS, Landing, unpacked

pytestmark = NEEDS_GPG


@pytest.fixture(scope="module")
def by() -> Iterator[Sender]:
    """Where the keys come from."""
    with sender() as made:
        yield made


@dataclass
class SecretsDouble:
    """Secrets Manager with secrets that tests exchange; ``asked`` lists the names that were asked for."""

    secrets: dict[str, bytes | str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    error: Exception | None = None

    def put(self, name: str, content: bytes | str) -> None:
        self.secrets[name] = content
        self.versions[name] = self.versions.get(name, 0) + 1

    def get_secret_value(self, *, SecretId: str) -> dict[str, object]:  # noqa: N803 - AWS names it so
        self.asked.append(SecretId)
        if self.error is not None:
            raise self.error
        if SecretId not in self.secrets:
            raise failure("GetSecretValue", "ResourceNotFoundException", 400)
        content = self.secrets[SecretId]
        kind = "SecretBinary" if isinstance(content, bytes) else "SecretString"
        return {kind: content, "VersionId": f"{SecretId}-{self.versions[SecretId]}"}


@dataclass
class Clock:
    """Time as tests have it pass."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def secrets(by: Sender) -> SecretsDouble:
    made = SecretsDouble()
    made.put("ours", by.secret("plain"))
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(secrets: SecretsDouble, clock: Clock) -> Iterator[RotatingKeys]:
    made = RotatingKeys(cast("Any", secrets), KeyNames(("ours",)), clock)
    yield made
    made.close()


def holds_key(home: GpgHome, fingerprint: str) -> bool:
    listing = Sender(home.folder).gpg("--with-colons", "--list-secret-keys").decode()
    return fingerprint in listing


def test_nothing_is_asked_before_it_is_needed(keys: RotatingKeys, secrets: SecretsDouble) -> None:
    assert secrets.asked == []


def test_secrets_are_asked_for_once_in_a_while_however_many_files_come(
    keys: RotatingKeys, secrets: SecretsDouble, clock: Clock
) -> None:
    for _ in range(5):
        keys.check()
    clock.now += FRESH_SECONDS
    keys.check()
    assert secrets.asked == ["ours"] * 2


def test_an_unchanged_secret_leaves_the_home_alone(keys: RotatingKeys, clock: Clock) -> None:
    with keys.use() as first:
        pass
    clock.now += FRESH_SECONDS
    with keys.use() as second:
        assert second is first


def test_a_new_version_is_used_from_then_on(
    keys: RotatingKeys, secrets: SecretsDouble, clock: Clock, by: Sender
) -> None:
    keys.check()
    secrets.put("ours", by.secret("signer"))
    clock.now += FRESH_SECONDS
    with keys.use() as home:
        assert holds_key(home, by.fingerprint("signer"))
        assert not holds_key(home, by.fingerprint("plain"))


def test_a_file_in_work_keeps_its_keys_until_it_ends(
    keys: RotatingKeys, secrets: SecretsDouble, clock: Clock, by: Sender
) -> None:
    with keys.use() as old:
        secrets.put("ours", by.secret("signer"))
        clock.now += FRESH_SECONDS
        keys.check()
        assert old.folder.exists()
    assert not old.folder.exists()


def kill_agent(home: GpgHome) -> None:
    """As the kernel does where memory is short."""
    asking = ["gpg-connect-agent", "--no-autostart", "GETINFO pid", "/bye"]
    told = subprocess.run(asking, env=home.environment(), stdout=subprocess.PIPE, check=True).stdout
    os.kill(int(told.split()[1]), signal.SIGKILL)
    wait_until(lambda: not home.has_agent() or None, within=10)


def test_keys_whose_agent_died_are_opened_anew(secrets: SecretsDouble, by: Sender) -> None:
    """Another agent would have come up by itself, and refused every file for want of the passphrase."""
    locked = {"private_key": by.secret("locked", "--armor").decode(), "passphrase": PASSPHRASE}
    secrets.put("ours", json.dumps(locked))
    keys = RotatingKeys(cast("Any", secrets), KeyNames(("ours",)))
    message = Landing("Sent.csv.pgp", by.encrypt(CSV, to="locked"))
    with closing(keys):
        with keys.use() as home:
            kill_agent(home)
            with pytest.raises(PgpInterrupted, match="agent"):
                unpacked(message, replace(NO_KEYS, pgp=home))
        assert unpacked(message, replace(NO_KEYS, pgp=keys)) == {"Sent.csv": CSV}


def test_nothing_is_left_at_the_end(keys: RotatingKeys) -> None:
    with keys.use() as home:
        pass
    keys.close()
    assert not home.folder.exists()


def test_a_home_is_for_its_owner_only_and_not_on_a_disk(keys: RotatingKeys) -> None:
    with keys.use() as home:
        assert stat.S_IMODE(home.folder.stat().st_mode) == 0o700
        assert home.folder.is_relative_to("/dev/shm") == os.access("/dev/shm", os.W_OK)


def test_one_secret_may_hold_a_key_with_its_passphrase(secrets: SecretsDouble, by: Sender) -> None:
    described = {"private_key": by.secret("locked", "--armor").decode(), "passphrase": PASSPHRASE}
    secrets.put("locked", json.dumps(described))
    keys = RotatingKeys(cast("Any", secrets), KeyNames(("ours", "locked")))
    with keys.use() as home:
        assert holds_key(home, by.fingerprint("locked"))
        assert holds_key(home, by.fingerprint("plain"))
    keys.close()


@pytest.mark.parametrize("content", ["", "no key", "{}", '{"private_key": 1}', '{"passphrase": "secret"}'])
def test_a_secret_without_a_key_is_said_by_its_name_only(content: str, secrets: SecretsDouble) -> None:
    secrets.put("ours", content)
    with pytest.raises(PgpSecretUnusable) as refusal:
        RotatingKeys(cast("Any", secrets), KeyNames(("ours",))).check()
    assert "secret" not in refusal.value.message.replace("key secret ours", "")


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_a_secret_that_cannot_be_read_is_told_apart(code: str, secrets: SecretsDouble) -> None:
    secrets.error = failure("GetSecretValue", code, 400)
    with pytest.raises(PgpSecretUnreadable):
        RotatingKeys(cast("Any", secrets), KeyNames(("ours",))).check()


@pytest.mark.parametrize(
    "error",
    [failure("GetSecretValue", "ThrottlingException", 400), ReadTimeoutError(endpoint_url="http://sm")],
    ids=["throttled", "time-out"],
)
def test_what_passes_is_tried_again(error: ClientError | ReadTimeoutError, secrets: SecretsDouble) -> None:
    secrets.error = error
    with pytest.raises(AwsUnavailable):
        RotatingKeys(cast("Any", secrets), KeyNames(("ours",))).check()


def test_a_failed_rotation_leaves_nothing_behind(
    secrets: SecretsDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets.put("ours", "no key")
    with tempfile.TemporaryDirectory(prefix="m") as memory:  # not pytest's: sockets need short paths
        monkeypatch.setattr("services.decryptor.gpg.home._MEMORY", Path(memory))
        with pytest.raises(PgpSecretUnusable):
            RotatingKeys(cast("Any", secrets), KeyNames(("ours",))).check()
        assert list(Path(memory).iterdir()) == []
