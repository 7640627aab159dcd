"""A recipe: one dataset, the files that feed it, and what becomes of each of their columns.

A recipe is an allow-list: a column that it does not name never reaches the output.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

import pyarrow as pa
from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from services.normalizer.columns.types import arrow_type
from services.normalizer.csvfile.dialect import Expectation
from services.normalizer.csvfile.grammar import Delimiter, Quotes
from services.normalizer.csvfile.names import fold
from services.normalizer.matchkeys import profile_for, rule_of
from services.normalizer.recipes import coherence
from services.normalizer.recipes.fates import Drop, Fate, Hash, Keep, Texts, spelt_out
from services.normalizer.recipes.fingerprints import FingerprintedModel, fingerprint_content
from shared.text import Encoding

ENGINE_VERSION = 3
"""Goes up with every change to what the engine makes of the same file and recipe."""

WILDCARD = re.compile(r"[*?\[]")
_WORDS = re.compile(r"[^\W\d]+")
_DELIMITERS: dict[object, Delimiter] = {"comma": ",", "tab": "\t", "pipe": "|", "semicolon": ";"}


class RowFilter(FingerprintedModel):
    """Rows to leave out by one column's text, compared without outer space and case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    always_in_fingerprint: ClassVar[frozenset[str]] = frozenset({"column", "keep", "drop"})

    column: str = Field(description="A source column that the recipe names.")
    keep: Texts | None = Field(None, description="Leave out every row with another text.")
    drop: Texts | None = Field(None, description="Leave out every row with one of these texts.")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.keep is None) == (self.drop is None):
            raise ValueError("give either `keep` or `drop`")
        return self


class Recipe(FingerprintedModel):
    """One dataset."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    always_in_fingerprint: ClassVar[frozenset[str]] = frozenset(
        {
            *("dataset", "version", "mode", "description", "match", "header", "encoding", "delimiter"),
            *("quotes", "max_rejected", "columns", "filters", "unique_by"),
        }
    )
    never_in_fingerprint: ClassVar[frozenset[str]] = frozenset({"min_rows_share"})

    dataset: str = Field(description="Name of the table.")
    version: int = Field(ge=1, description="Of this recipe; raise it with every change.")
    mode: Literal["append", "snapshot"] = Field(
        description="A file adds rows, or replaces those of its source."
    )
    description: str = Field("", description="What the rows are.")
    match: Texts = Field(
        min_length=1,
        description="Which files: a word that stands in their name, or a pattern with * ? [] for all of it.",
    )
    header: Literal["first_record", "none"] = Field(
        "first_record", description="none: files have no header, and exactly these columns in this order."
    )
    encoding: Encoding | None = Field(None, description="By default found out.")
    delimiter: Annotated[Delimiter | None, BeforeValidator(lambda value: _DELIMITERS.get(value, value))] = (
        Field(None, description="comma, tab, pipe or semicolon; by default found out.")
    )
    quotes: Quotes = Field(
        True,
        description='What quotes a field, " or \'; by default found out by the header, and " where there is '
        "none. false: neither means anything.",
    )
    max_rejected: float = Field(
        0.01, ge=0, le=1, description="The share of rows that may be rejected before the file is refused."
    )
    min_rows_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Of a snapshot: the least share of the current snapshot's rows that a new one must have "
        "to replace it. 0: any number of rows replaces it.",
    )
    columns: dict[str, Annotated[Fate, BeforeValidator(spelt_out)]] = Field(
        min_length=1, description="By the name in the source, in any case and punctuation."
    )
    filters: tuple[RowFilter, ...] = Field((), description="Rows to leave out.")
    unique_by: Texts = Field(
        (), description="Source columns that together occur once in a file; later rows are duplicates."
    )

    # What a profile's name without a version means. Not part of what the recipe says.
    _profile_versions: Mapping[str, int] = PrivateAttr(default_factory=dict)

    def under(self, profile_versions: Mapping[str, int]) -> Self:
        """The same recipe, where a profile's name without a version means the version in the mapping.

        Rules and fingerprint follow. A name that the mapping leaves out means the newest version.
        """
        copy = self.model_copy()
        copy._profile_versions = dict(profile_versions)
        copy.__dict__.pop("fingerprint", None)  # cached for the versions that were
        return copy

    def profile_ids(self, fate: Hash) -> tuple[str, ...]:
        """The profile of each output column of a hashed one with its version; none for an identifier."""
        versions = self._profile_versions
        return tuple(profile_for(name, fate.hash, versions).id for name in fate.written_profiles)

    @property
    def used_columns(self) -> dict[str, Keep | Hash]:
        """The columns that reach the output in some form."""
        return {name: fate for name, fate in self.columns.items() if not isinstance(fate, Drop)}

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """The output's columns and types, the same for every file."""
        fields = []
        for source, fate in self.used_columns.items():
            type_ = arrow_type(fate.type) if isinstance(fate, Keep) else pa.string()
            fields += [pa.field(name, type_) for name in fate.output_names(source)]
        return pa.schema(fields)

    @property
    def profiles(self) -> tuple[str, ...]:
        """Profiles and versions of the match keys, and the libraries they depend on."""
        return tuple(
            sorted(
                {
                    rule_of(profile, fate.hash).fingerprint
                    for fate in self.used_columns.values()
                    if isinstance(fate, Hash)
                    for profile in self.profile_ids(fate)
                }
            )
        )

    @property
    def profile_by_column(self) -> dict[str, str]:
        """The profile of each output column that holds match keys, as ``name@version``."""
        return {
            name: profile
            for source, fate in self.used_columns.items()
            if isinstance(fate, Hash) and not fate.is_identifier
            for name, profile in zip(fate.output_names(source), self.profile_ids(fate), strict=True)
        }

    @property
    def unversioned_profiles(self) -> tuple[str, ...]:
        """The names of the profiles whose version the recipe leaves open."""
        hashed = (fate for fate in self.used_columns.values() if isinstance(fate, Hash))
        return tuple(sorted({name for fate in hashed for name in fate.unversioned_profiles}))

    @property
    def pinned_profiles(self) -> tuple[str, ...]:
        """The profiles that the recipe names with a version, as ``name@version``."""
        hashed = (fate for fate in self.used_columns.values() if isinstance(fate, Hash))
        return tuple(sorted({profile for fate in hashed for profile in fate.pinned_profiles}))

    @property
    def has_identifiers(self) -> bool:
        """Whether a pepper makes a difference."""
        return any(isinstance(fate, Hash) and fate.is_identifier for fate in self.used_columns.values())

    def fingerprint_under(self, pepper_version: str | None) -> str:
        """Of everything that decides what a file becomes, the pepper included where it makes a difference."""
        if pepper_version is None or not self.has_identifiers:
            return self.fingerprint
        return hashlib.sha256(f"{self.fingerprint} pepper {pepper_version}".encode()).hexdigest()

    @cached_property
    def fingerprint(self) -> str:
        """Of everything that decides what a file becomes, but for the pepper."""
        content = {
            "recipe": fingerprint_content(self),
            "profiles": self.profiles,
            "engine": ENGINE_VERSION,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @cached_property
    def expectation(self) -> Expectation:
        """What is known of a file before it is opened."""
        named = [name for source, fate in self.columns.items() for name in (source, *fate.aliases)]
        names = frozenset(fold(name) for name in (*named, *self.countries))
        header = tuple(self.columns) if self.header == "none" else None
        return Expectation(names, header, self.encoding, self.delimiter, self.quotes)

    @property
    def dropped_names(self) -> tuple[str, ...]:
        """Every name of the columns that the recipe drops by name."""
        dropped = ((name, fate) for name, fate in self.columns.items() if isinstance(fate, Drop))
        return tuple(name for source, fate in dropped for name in (source, *fate.aliases))

    @property
    def countries(self) -> tuple[str, ...]:
        """Source columns that are read for a row's country."""
        used = self.used_columns.values()
        return tuple(dict.fromkeys(name for fate in used if isinstance(fate, Hash) for name in fate.country))

    @property
    def conditions(self) -> tuple[str, ...]:
        """Source columns that decide about rows, so that a file without one of them is refused."""
        return (*(condition.column for condition in self.filters), *self.unique_by)

    @field_validator("match")
    @classmethod
    def _is_word_or_pattern(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            if not WILDCARD.search(pattern) and not _WORDS.fullmatch(pattern):
                raise ValueError(f"'{pattern}' is neither a word of letters nor a pattern with *, ? or []")
        return patterns

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        coherence.check(self)
        return self
