"""The AWS clients of one service, opened once and closed together."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Literal

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession

from shared.aws.listings import QuickParsers

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from types_aiobotocore_events import EventBridgeClient
    from types_aiobotocore_glue import GlueClient
    from types_aiobotocore_s3 import S3Client
    from types_aiobotocore_secretsmanager import SecretsManagerClient
    from types_aiobotocore_sns import SNSClient
    from types_aiobotocore_sqs import SQSClient


class Clients:
    """Opens clients on one session; use as an async context manager.

    Calls are bounded in time and retried by botocore in its "standard" mode; what still fails is classified
    by :mod:`shared.aws.faults` at the worker's edge.
    """

    def __init__(self, max_connections: int = 64) -> None:
        custom_endpoint = "AWS_ENDPOINT_URL" in os.environ or "AWS_ENDPOINT_URL_S3" in os.environ
        addressing: Literal["path", "auto"] = "path" if custom_endpoint else "auto"
        self._config = AioConfig(
            connect_timeout=5,
            read_timeout=30,
            max_pool_connections=max_connections,
            retries={"mode": "standard", "total_max_attempts": 4},
            s3={"addressing_style": addressing},
        )
        self._session = AioSession()
        self._session.register_component("response_parser_factory", QuickParsers())
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def s3(self) -> S3Client:
        """Objects."""
        # Signed URLs default to version 2 of signatures in old Regions, which KMS-encrypted objects refuse.
        config = self._config.merge(AioConfig(signature_version="s3v4"))
        return await self._stack.enter_async_context(self._session.create_client("s3", config=config))

    async def sqs(self) -> SQSClient:
        """Queues."""
        return await self._stack.enter_async_context(self._session.create_client("sqs", config=self._config))

    async def events(self) -> EventBridgeClient:
        """The event bus."""
        return await self._stack.enter_async_context(
            self._session.create_client("events", config=self._config)
        )

    async def glue(self) -> GlueClient:
        """The data catalog and its crawler."""
        return await self._stack.enter_async_context(self._session.create_client("glue", config=self._config))

    async def sns(self) -> SNSClient:
        """The outcome topics."""
        return await self._stack.enter_async_context(self._session.create_client("sns", config=self._config))

    async def secrets(self) -> SecretsManagerClient:
        """Secrets."""
        return await self._stack.enter_async_context(
            self._session.create_client("secretsmanager", config=self._config)
        )
