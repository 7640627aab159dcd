"""How clients reach the local stack."""

from __future__ import annotations

import os
from dataclasses import dataclass

import boto3
import botocore.session

_MADE_UP = "test"
_Variable = tuple[None, list[str], str | None, None]
_NO_PROFILE: dict[str, _Variable] = {
    "profile": (None, [], None, None),
    "config_file": (None, [], os.devnull, None),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """Two endpoints: one for Glue, whose crawler the emulator lacks, one for everything else.

    ``external`` means an endpoint that was there before; then credentials are taken from the environment.
    """

    endpoint: str
    glue_endpoint: str
    region: str = "us-east-1"
    external: bool = False

    def environment(self) -> dict[str, str]:
        """The variables that send any AWS client to this stack."""
        key, secret = self._credentials()
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_GLUE": self.glue_endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
        }

    def session(self) -> boto3.Session:
        """A session with the right credentials and region; give its clients one of the two endpoints."""
        key, secret = self._credentials()
        return boto3.Session(
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            region_name=self.region,
            # Profiles and files are for real accounts; one that is named but missing would be an error.
            botocore_session=botocore.session.Session(session_vars=_NO_PROFILE),
        )

    def _credentials(self) -> tuple[str, str]:
        if not self.external:
            return _MADE_UP, _MADE_UP
        return (
            os.environ.get("AWS_ACCESS_KEY_ID", _MADE_UP),
            os.environ.get("AWS_SECRET_ACCESS_KEY", _MADE_UP),
        )


def environment_without_aws() -> dict[str, str]:
    """This process's environment without anything that could send a client to a real account."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
