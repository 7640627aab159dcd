"""What the local crawler answers has the shape that AWS documents: the service model that boto3 carries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from tests.integration.local.lake import Lake

if TYPE_CHECKING:
    from botocore.model import Shape

MODEL = botocore.session.get_session().get_service_model("glue")
# The history of crawls has no error for a crawler that runs; these are the ones that the others document.
DOCUMENTED_ERRORS = {
    name: {error.name for error in MODEL.operation_model(name).error_shapes}
    for name in ("StartCrawler", "StopCrawler", "GetCrawler", "ListCrawls", "UpdateCrawler", "DeleteCrawler")
}


def faults(shape: Any, value: object, at: str) -> Iterator[str]:
    """Where a JSON value is not of a shape: unknown members, other types, values outside an enumeration."""
    match shape.type_name:
        case "structure":
            assert isinstance(value, dict)
            yield from (f"{at}.{name} is unknown" for name in value.keys() - shape.members.keys())
            yield from (f"{at}.{name} is missing" for name in set(shape.required_members) - value.keys())
            for name in value.keys() & shape.members.keys():
                yield from faults(shape.members[name], value[name], f"{at}.{name}")
        case "list":
            assert isinstance(value, list)
            for number, item in enumerate(value):
                yield from faults(shape.member, item, f"{at}[{number}]")
        case "map":
            assert isinstance(value, dict)
        case "string":
            if not isinstance(value, str) or (shape.enum and value not in shape.enum):
                yield f"{at} is {value!r}"
        case "boolean":
            if not isinstance(value, bool):
                yield f"{at} is {value!r}"
        case _:  # integer, long, double, timestamp
            if isinstance(value, bool) or not isinstance(value, int | float):
                yield f"{at} is {value!r}"


class Wire:
    """Calls a client, and keeps the JSON that came over the wire."""

    def __init__(self, lake: Lake) -> None:
        self._glue = lake.glue
        self._body = b""
        self._glue.meta.events.register("after-call.glue", self._keep)

    def _keep(self, http_response: Any, **_: Any) -> None:
        self._body = http_response.content

    def call(self, operation: str, **request: Any) -> Any:
        """The answer's JSON."""
        method = botocore.xform_name(operation)
        getattr(self._glue, method)(**request)
        return json.loads(self._body)

    def error(self, operation: str, **request: Any) -> str:
        """The code of the error that it answers."""
        with pytest.raises(ClientError) as caught:
            self.call(operation, **request)
        code: str = caught.value.response["Error"]["Code"]
        return code


def output(operation: str) -> Shape:
    shape = MODEL.operation_model(operation).output_shape
    assert shape is not None
    return shape


@pytest.mark.parametrize("operation", ["GetCrawler", "GetCrawlers", "ListCrawls", "GetCrawlerMetrics"])
def test_answers_after_a_crawl_that_worked_and_one_that_did_not(lake: Lake, operation: str) -> None:
    lake.put("sent/ingest_date=1/a.parquet", n=[1])
    lake.crawl()
    lake.glue.delete_database(Name=lake.name)
    lake.crawl()
    requests: dict[str, dict[str, Any]] = {
        "GetCrawler": {"Name": lake.name},
        "GetCrawlers": {},
        "ListCrawls": {"CrawlerName": lake.name},
        "GetCrawlerMetrics": {"CrawlerNameList": [lake.name]},
    }
    answer = Wire(lake).call(operation, **requests[operation])
    assert list(faults(output(operation), answer, operation)) == []


def test_answers_while_a_crawl_runs_and_stops(slow_lake: Lake) -> None:
    wire = Wire(slow_lake)
    assert wire.call("StartCrawler", Name=slow_lake.name) == {}
    running = wire.call("GetCrawler", Name=slow_lake.name)
    listed = wire.call("ListCrawls", CrawlerName=slow_lake.name)
    assert wire.call("StopCrawler", Name=slow_lake.name) == {}
    stopping = wire.call("GetCrawler", Name=slow_lake.name)
    for answer in (running, stopping):
        assert list(faults(output("GetCrawler"), answer, "GetCrawler")) == []
    assert list(faults(output("ListCrawls"), listed, "ListCrawls")) == []
    states = [each["Crawler"]["State"] for each in (running, stopping)]
    assert states == ["RUNNING", "STOPPING"]
    assert "EndTime" not in listed["Crawls"][0]


def test_every_error_is_one_that_the_operation_documents(slow_lake: Lake) -> None:
    wire, name = Wire(slow_lake), {"Name": slow_lake.name}
    slow_lake.glue.start_crawler(**name)
    errors = [
        ("StartCrawler", wire.error("StartCrawler", **name)),
        ("UpdateCrawler", wire.error("UpdateCrawler", **name)),
        ("DeleteCrawler", wire.error("DeleteCrawler", **name)),
        *((each, wire.error(each, Name="nobody")) for each in ("StartCrawler", "StopCrawler", "GetCrawler")),
        ("ListCrawls", wire.error("ListCrawls", CrawlerName="nobody")),
        ("ListCrawls", wire.error("ListCrawls", CrawlerName=slow_lake.name, NextToken="nonsense")),
    ]
    slow_lake.glue.stop_crawler(**name)
    errors.append(("StopCrawler", wire.error("StopCrawler", **name)))
    slow_lake.settle()
    errors.append(("StopCrawler", wire.error("StopCrawler", **name)))
    assert [(operation, code) for operation, code in errors if code not in DOCUMENTED_ERRORS[operation]] == []
    assert {code for _, code in errors} == {
        "CrawlerRunningException",
        "CrawlerStoppingException",
        "CrawlerNotRunningException",
        "EntityNotFoundException",
        "InvalidInputException",
    }
