"""The front's HTTP side: which requests it answers itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web
from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from landfall.local.glue import definition
from landfall.local.glue.crawlers import Crawlers
from landfall.local.glue.errors import GlueError
from landfall.local.glue.health import HEALTH_PATH
from landfall.local.glue.history import list_crawls, parse_request
from landfall.local.glue.overlay import metrics, overlaid
from landfall.local.glue.upstream import Upstream
from shared.aws.faults import error_code

if TYPE_CHECKING:
    from types_aiobotocore_glue import GlueClient

_SERVICE = "AWSGlue"
_JSON = "application/x-amz-json-1.1"

M = TypeVar("M", bound=BaseModel)
Operation = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]


class _NamedRequest(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = Field(alias="Name", min_length=1)


class _MetricsRequest(BaseModel):
    names: tuple[str, ...] = Field(default=(), alias="CrawlerNameList")


class Front:
    """Answers requests about crawls, forwards all others; its health says how often each was asked."""

    def __init__(self, upstream: Upstream, glue: GlueClient, crawlers: Crawlers) -> None:
        self._upstream = upstream
        self._glue = glue
        self._crawlers = crawlers
        self._asked: Counter[str] = Counter()
        self._own: Mapping[str, Operation] = {
            "StartCrawler": self._start,
            "StopCrawler": self._stop,
            "GetCrawler": self._get,
            "GetCrawlers": self._get_all,
            "ListCrawls": self._list_crawls,
            "GetCrawlerMetrics": self._metrics,
            "UpdateCrawler": self._update,
            "DeleteCrawler": self._delete,
        }

    def application(self) -> web.Application:
        """The server, to be run."""
        app = web.Application(client_max_size=0)
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.path == HEALTH_PATH:
            return _answer({"status": "running", "requests": self._asked})
        service, _, name = request.headers.get("X-Amz-Target", "").partition(".")
        if service == _SERVICE:
            self._asked[name] += 1
        operation = self._own.get(name) if service == _SERVICE else None
        if operation is None:
            return await self._upstream.forward(request)
        try:
            return await operation(request, await request.read())
        except GlueError as error:
            return _refuse(error.code, error.message)
        except ClientError as error:
            return _refuse(error_code(error), error.response.get("Error", {}).get("Message", ""))

    async def _start(self, _request: web.Request, body: bytes) -> web.StreamResponse:
        name = _name(body)
        crawler = (await self._glue.get_crawler(Name=name))["Crawler"]
        await self._crawlers.start(name, lambda: definition.parse(crawler))
        return _answer({})

    async def _stop(self, _request: web.Request, body: bytes) -> web.StreamResponse:
        name = _name(body)
        await self._glue.get_crawler(Name=name)
        self._crawlers.stop(name)
        return _answer({})

    async def _get(self, request: web.Request, body: bytes) -> web.StreamResponse:
        status, answer = await self._upstream.fetch(request, body)
        if status == HTTPStatus.OK:
            answer["Crawler"] = overlaid(answer["Crawler"], self._crawlers)
        return _answer(answer, status)

    async def _get_all(self, request: web.Request, body: bytes) -> web.StreamResponse:
        status, answer = await self._upstream.fetch(request, body)
        if status == HTTPStatus.OK:
            answer["Crawlers"] = [overlaid(crawler, self._crawlers) for crawler in answer["Crawlers"]]
        return _answer(answer, status)

    async def _list_crawls(self, _request: web.Request, body: bytes) -> web.StreamResponse:
        request = parse_request(body)
        await self._glue.get_crawler(Name=request.crawler)
        return _answer(list_crawls(request, self._crawlers.crawls(request.crawler)))

    async def _metrics(self, _request: web.Request, body: bytes) -> web.StreamResponse:
        names = _parsed(_MetricsRequest, body).names
        if not names:
            names = tuple([crawler["Name"] for crawler in (await self._glue.get_crawlers())["Crawlers"]])
        return _answer({"CrawlerMetricsList": [metrics(name, self._crawlers) for name in names]})

    async def _update(self, request: web.Request, body: bytes) -> web.StreamResponse:
        self._crawlers.require_idle(_name(body), "update")
        return await self._upstream.forward(request, body)

    async def _delete(self, request: web.Request, body: bytes) -> web.StreamResponse:
        name = _name(body)
        self._crawlers.require_idle(name, "delete")
        status, answer = await self._upstream.fetch(request, body)
        if status == HTTPStatus.OK:
            self._crawlers.forget(name)
        return _answer(answer, status)


def _name(body: bytes) -> str:
    return _parsed(_NamedRequest, body).name


def _parsed(model: type[M], body: bytes) -> M:
    try:
        return model.model_validate_json(body)
    except ValidationError:
        raise GlueError("InvalidInputException", "The request is not valid") from None


def _refuse(code: str, message: str) -> web.Response:
    return _answer({"__type": code, "Message": message}, HTTPStatus.BAD_REQUEST)


def _answer(body: Mapping[str, object], status: int = HTTPStatus.OK) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), status=status, content_type=_JSON)
