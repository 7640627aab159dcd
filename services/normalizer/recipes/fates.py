"""What a recipe can say of one column of the source: keep it, hash it or drop it."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from services.normalizer.columns.patterns import names_a_day
from services.normalizer.columns.types import arrow_type
from services.normalizer.columns.zones import is_time_zone
from services.normalizer.matchkeys import (
    Digits,
    PhoneRule,
    UndefinedField,
    UnknownProfile,
    profile_of,
    rule_of,
)
from services.normalizer.matchkeys.countries import alpha2
from services.normalizer.recipes.fingerprints import FingerprintedModel

SFMC_TIME_ZONE = "-06:00"
"""Salesforce Marketing Cloud's system time: UTC-6 all year."""
SFMC_FORMATS: dict[str, tuple[str, ...]] = {
    "timestamp": ("%m/%d/%Y %I:%M:%S %p",),
    "date": ("%m/%d/%Y", "%m/%d/%Y %I:%M:%S %p"),
}

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def snake_case(name: str) -> str:
    """``SubscriberID`` → ``subscriber_id``, ``First Name`` → ``first_name``."""
    return "_".join(_WORD.findall(name)).lower()


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
"""Several texts, or one, which need not stand in brackets."""


class _Column(FingerprintedModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    always_in_fingerprint: ClassVar[frozenset[str]] = frozenset({"aliases", "required"})

    aliases: Texts = Field((), description="Other names under which files may have the column.")
    required: bool = Field(
        False,
        description="Refuse a file without the column; otherwise what is made of it is NULL throughout.",
    )


class Drop(_Column):
    """Never read. Naming it here says that it is known, so that it is not reported as new."""

    always_in_fingerprint: ClassVar[frozenset[str]] = _Column.always_in_fingerprint | {"drop"}

    drop: Literal[True]


class _Used(_Column):
    always_in_fingerprint: ClassVar[frozenset[str]] = _Column.always_in_fingerprint | {"name", "on_invalid"}

    name: str | None = Field(
        None, description="Its name in the output; by default made from its name in the source."
    )
    on_invalid: Literal["set_null", "reject"] | None = Field(
        None,
        description="What to do with a value that is there but unusable: write NULL, or reject the row. By "
        "default reject where the column is required and kept, else write NULL.",
    )


class Keep(_Used):
    """Written in the clear, in the type given."""

    always_in_fingerprint: ClassVar[frozenset[str]] = _Used.always_in_fingerprint | {
        *("type", "format", "time_zone")
    }

    type: str = Field(
        description="string, url, bigint, double, boolean, date, timestamp or decimal(precision,scale)."
    )
    format: Texts = Field(
        (), description="Of a date or timestamp: strptime patterns, tried in order; by default SFMC's."
    )
    time_zone: str = Field(
        SFMC_TIME_ZONE, description='Of a timestamp: "±HH:MM" or a name such as Europe/Berlin.'
    )

    @property
    def formats(self) -> tuple[str, ...]:
        """The patterns that a value may follow."""
        return self.format or SFMC_FORMATS[self.type]

    @property
    def rejects_invalid(self) -> bool:
        """Whether an unusable value rejects its row."""
        return self.required if self.on_invalid is None else self.on_invalid == "reject"

    def output_names(self, source: str) -> tuple[str, ...]:
        """One name."""
        return (self.name or snake_case(source),)

    @field_validator("type")
    @classmethod
    def _is_a_type(cls, value: str) -> str:
        arrow_type(value)
        return value.replace(" ", "")

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if not is_time_zone(value):
            raise ValueError(
                'this is neither an offset such as "-06:00" nor a time zone such as Europe/Berlin'
            )
        return value

    @field_validator("format")
    @classmethod
    def _is_a_day(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            if not names_a_day(pattern):
                raise ValueError(f"'{pattern}' does not read year, month and day of a local time")
        return patterns

    @model_validator(mode="after")
    def _suits_its_type(self) -> Self:
        if self.format and self.type not in SFMC_FORMATS:
            raise ValueError(f"a {self.type} has no format")
        if "time_zone" in self.model_fields_set and self.type != "timestamp":
            raise ValueError(f"a {self.type} has no time zone")
        return self


class Hash(_Used):
    """Written as match keys, one a profile, or as an identifier that joins within this system."""

    always_in_fingerprint: ClassVar[frozenset[str]] = _Used.always_in_fingerprint | {
        *("hash", "profiles", "already_hashed", "country", "default_country")
    }

    hash: str = Field(
        description="identifier, or the field that a match key is made of: email, phone, first_name …"
    )
    profiles: Texts = Field(("plain",), min_length=1, description="The standards to follow, a column each.")
    already_hashed: str | None = Field(
        None, description="The profile under which the source has hashed it already."
    )
    country: Texts = Field(
        (), description="Source columns with the row's country; the first one that the row fills counts."
    )
    default_country: str | None = Field(
        None, description="The country where a row names none, as an ISO code."
    )
    placeholders: Texts = Field(
        (),
        description="More texts that mean no value, such as those that the source's forms fill in; compared "
        "without outer space and case. They are counted as invalid.",
    )
    digits: Digits | None = Field(
        None,
        description="Of phones, how digits without + are read: own_code (the default of profiles in version "
        "2), international, national (that of version 1) or strict.",
    )

    @property
    def is_identifier(self) -> bool:
        """Not a match key: only tables of this system need to agree on it."""
        return self.hash == "identifier"

    @property
    def rejects_invalid(self) -> bool:
        """Whether an unusable value rejects its row."""
        return self.on_invalid == "reject"

    @property
    def written_profiles(self) -> tuple[str, ...]:
        """The profile of each output column, as the recipe writes it; none for an identifier."""
        if self.is_identifier:
            return ()
        return self.profiles if self.already_hashed is None else (self.already_hashed,)

    @property
    def unversioned_profiles(self) -> tuple[str, ...]:
        """The names of the profiles whose version the recipe leaves open."""
        return tuple(profile_of(name).name for name in self.written_profiles if "@" not in name)

    @property
    def pinned_profiles(self) -> tuple[str, ...]:
        """The profiles that the recipe names with a version, as ``name@version``."""
        return tuple(profile_of(name).id for name in self.written_profiles if "@" in name)

    def output_names(self, source: str) -> tuple[str, ...]:
        """``<field>_<profile>`` for each profile, or ``<source>_hash`` for an identifier."""
        if self.is_identifier:
            return (self.name or f"{snake_case(source)}_hash",)
        base = self.name or self.hash
        return tuple(
            f"{base}_{profile_of(profile).name.replace('-', '_')}" for profile in self.written_profiles
        )

    @field_validator("placeholders")
    @classmethod
    def _say_something(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if not all(value.strip() for value in values):
            raise ValueError("an empty text has no key anyway; leave it out")
        return values

    @field_validator("default_country")
    @classmethod
    def _is_a_country(cls, value: str | None) -> str | None:
        if value is not None and alpha2(value) is None:
            raise ValueError(f"'{value}' is no country: give its ISO code, such as US")
        return value

    @model_validator(mode="after")
    def _is_defined(self) -> Self:
        if self.is_identifier:
            if foreign := self.model_fields_set & {
                "profiles",
                "already_hashed",
                "country",
                "default_country",
                "digits",
            }:
                raise ValueError(f"an identifier has no {', '.join(sorted(foreign))}")
            return self
        if self.already_hashed is not None and "profiles" in self.model_fields_set:
            raise ValueError("what is already hashed can't be hashed by other profiles")
        try:
            rules = [rule_of(profile, self.hash) for profile in self.written_profiles]
        except (UnknownProfile, UndefinedField) as error:
            raise ValueError(error.message) from None
        if self.digits is not None and self.already_hashed is not None:
            raise ValueError("what is already hashed can't be read in another way: leave out `digits`")
        if self.digits is not None and not all(isinstance(rule, PhoneRule) for rule in rules):
            raise ValueError(f"only phones have `digits`, {self.hash} has none")
        return self


def _kind(value: object) -> str | None:
    if isinstance(value, _Column):
        return type(value).__name__.lower()
    if isinstance(value, dict):
        return next((kind for key, kind in _TAGS.items() if key in value), None)
    return None


_TAGS = {"type": "keep", "hash": "hash", "drop": "drop"}
KINDS = frozenset(_TAGS.values())

Fate = Annotated[
    Annotated[Keep, Tag("keep")] | Annotated[Hash, Tag("hash")] | Annotated[Drop, Tag("drop")],
    Discriminator(
        _kind,
        custom_error_type="column_without_fate",
        custom_error_message="Say `drop`, a type such as `string`, or give `type:` or `hash:`",
    ),
]


def spelt_out(value: object) -> object:
    """``drop`` → ``{drop: true}`` and ``bigint`` → ``{type: bigint}``: the short forms of a fate."""
    if value == "drop":
        return {"drop": True}
    return {"type": value} if isinstance(value, str) else value
