"""ListCrawls: filters and pages over a crawler's runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from landfall.local.glue.crawl import Crawl
from landfall.local.glue.errors import GlueError

_HOLDS: dict[str, Callable[[int], bool]] = {
    "GT": lambda order: order > 0,
    "GE": lambda order: order >= 0,
    "LT": lambda order: order < 0,
    "LE": lambda order: order <= 0,
    "EQ": lambda order: order == 0,
    "NE": lambda order: order != 0,
}


class _Filter(BaseModel):
    field: Literal["CRAWL_ID", "STATE", "START_TIME", "END_TIME", "DPU_HOUR"] = Field(alias="FieldName")
    operator: Literal["GT", "GE", "LT", "LE", "EQ", "NE"] = Field(alias="FilterOperator")
    value: str = Field(alias="FieldValue")


class ListCrawlsRequest(BaseModel):
    """The request as the API documents it."""

    model_config = ConfigDict(extra="forbid")

    crawler: str = Field(alias="CrawlerName", min_length=1)
    most: int = Field(default=20, alias="MaxResults", ge=1, le=1000)
    filters: tuple[_Filter, ...] = Field(default=(), alias="Filters")
    runs_left: int | None = Field(default=None, alias="NextToken", ge=1)


def parse_request(body: bytes) -> ListCrawlsRequest:
    """Read a request.

    Raises:
        GlueError: InvalidInputException.
    """
    try:
        return ListCrawlsRequest.model_validate_json(body)
    except ValidationError as error:
        fields = ", ".join(
            sorted({str(each["loc"][0]) if each["loc"] else "body" for each in error.errors()})
        )
        raise GlueError("InvalidInputException", f"Invalid value for {fields}") from None


def list_crawls(request: ListCrawlsRequest, crawls: Sequence[Crawl]) -> dict[str, object]:
    """One page of the runs that pass every filter, in the order given.

    The token counts runs from the oldest, so that runs which begin between two pages shift nothing.

    Raises:
        GlueError: InvalidInputException, a filter's value does not fit its field.
    """
    matching = [crawl for crawl in crawls if all(_passes(crawl, each) for each in request.filters)]
    first = 0 if request.runs_left is None else max(len(matching) - request.runs_left, 0)
    page = matching[first : first + request.most]
    answer: dict[str, object] = {"Crawls": [crawl.history() for crawl in page]}
    left = len(matching) - first - len(page)
    if left:
        answer["NextToken"] = str(left)
    return answer


def _passes(crawl: Crawl, wanted: _Filter) -> bool:
    try:
        order = _order(crawl, wanted)
    except ValueError:
        raise GlueError("InvalidInputException", f"Invalid value for {wanted.field}") from None
    return order is not None and _HOLDS[wanted.operator](order)


def _order(crawl: Crawl, wanted: _Filter) -> int | None:
    """Whether the field is below, equal to or above the value: -1, 0, 1; ``None`` where it has none yet."""
    match wanted.field:
        case "CRAWL_ID":
            return (crawl.id > wanted.value) - (crawl.id < wanted.value)
        case "STATE":
            return (crawl.state > wanted.value) - (crawl.state < wanted.value)
        case "DPU_HOUR":
            actual, value = (crawl.dpu_hours if crawl.ended is not None else None), float(wanted.value)
        case "START_TIME":
            actual, value = crawl.started, _seconds(wanted.value)
        case "END_TIME":
            actual, value = crawl.ended, _seconds(wanted.value)
    return None if actual is None else (actual > value) - (actual < value)


def _seconds(value: str) -> float:
    """Seconds since 1970 from the two forms that callers write: such a number, or ISO 8601."""
    try:
        number = float(value)
    except ValueError:
        return datetime.fromisoformat(value).timestamp()
    return number / 1000 if number > 1e11 else number  # the console sends milliseconds
