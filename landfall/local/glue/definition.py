"""A crawler as Glue describes it, reduced to what decides what a crawl does."""

from __future__ import annotations

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from landfall.local.glue.errors import CrawlFailedError


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class S3Target(_Model):
    """An include path and the globs below it that are left out."""

    path: str = Field(alias="Path", pattern=r"^s3://[^/]+(/.*)?$")
    exclusions: tuple[str, ...] = Field(default=(), alias="Exclusions")

    @property
    def bucket(self) -> str:
        """The bucket of the include path."""
        return self.path.removeprefix("s3://").partition("/")[0]

    @property
    def prefix(self) -> str:
        """The folder of the include path: empty, or ending in a slash."""
        folder = self.path.removeprefix("s3://").partition("/")[2].strip("/")
        return f"{folder}/" if folder else ""


class _Targets(_Model):
    s3: tuple[S3Target, ...] = Field(alias="S3Targets", min_length=1)


class _Grouping(_Model):
    level: int | None = Field(default=None, alias="TableLevelConfiguration", ge=1)


class _Behavior(_Model):
    on_change: str | None = Field(default=None, alias="AddOrUpdateBehavior")


class _Output(_Model):
    tables: _Behavior = Field(default=_Behavior(), alias="Tables")


class _Configuration(_Model):
    grouping: _Grouping = Field(default=_Grouping(), alias="Grouping")
    output: _Output = Field(default=_Output(), alias="CrawlerOutput")


class _SchemaChangePolicy(_Model):
    update: Literal["UPDATE_IN_DATABASE", "LOG"] = Field(default="UPDATE_IN_DATABASE", alias="UpdateBehavior")
    delete: Literal["LOG", "DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE"] = Field(
        default="DEPRECATE_IN_DATABASE", alias="DeleteBehavior"
    )


class _RecrawlPolicy(_Model):
    behavior: Literal["CRAWL_EVERYTHING"] = Field(default="CRAWL_EVERYTHING", alias="RecrawlBehavior")


class CrawlerDefinition(_Model):
    """What to crawl and what to do with what is found."""

    name: str = Field(alias="Name")
    database: str = Field(alias="DatabaseName", min_length=1)
    table_prefix: str = Field(default="", alias="TablePrefix")
    targets: _Targets = Field(alias="Targets")
    policy: _SchemaChangePolicy = Field(default=_SchemaChangePolicy(), alias="SchemaChangePolicy")
    recrawl: _RecrawlPolicy = Field(default=_RecrawlPolicy(), alias="RecrawlPolicy")
    configuration: _Configuration = Field(default=_Configuration(), alias="Configuration")

    @field_validator("configuration", mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return json.loads(value or "{}") if isinstance(value, str) else value

    @property
    def only_adds_columns(self) -> bool:
        """Whether columns that a table has stay as they are."""
        return self.configuration.output.tables.on_change == "MergeNewColumns"


def parse(crawler: object) -> CrawlerDefinition:
    """Read the ``Crawler`` of a GetCrawler response.

    Raises:
        CrawlFailedError: it asks for something that the local crawler does not do.
    """
    try:
        return CrawlerDefinition.model_validate(crawler)
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, each["loc"])) for each in error.errors()}))
        raise CrawlFailedError(f"The local crawler does not support this definition: {fields}") from None
