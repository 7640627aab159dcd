"""A profile: the rules of one standard in one version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.normalizer.matchkeys.digest import sha256_base64, sha256_hex
from services.normalizer.matchkeys.phone_library import LIBRARY
from services.normalizer.matchkeys.phone_rule import PhoneForm, PhoneRule
from services.normalizer.matchkeys.rules import CountryRule, Rule, ValueRule
from services.normalizer.matchkeys.shape import Shape

ByValue = Mapping[str, Callable[[str], str | None]]
"""By field: a rule whose values mean the same everywhere."""
ByCountry = Mapping[str, Callable[[str, str | None], str | None] | PhoneForm]
"""By field: a rule whose values depend on the row's country."""
Shapes = Mapping[Callable[[str], str | None], Shape]
"""By rule: the values that it only lower-cases."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A standard in one version: the rules of the fields that it hashes, by field."""

    name: str
    version: int
    rules: Mapping[str, Rule]
    encode: Callable[[str], str]

    @property
    def id(self) -> str:
        """Name and version as recorded with the output, e.g. ``plain@1``."""
        return f"{self.name}@{self.version}"

    @property
    def in_base64(self) -> bool:
        """Whether its keys are in Base64, not hexadecimal."""
        return self.encode is sha256_base64


def profile(
    name: str,
    version: int,
    by_value: ByValue,
    by_country: ByCountry,
    shapes: Shapes,
    encode: Callable[[str], str] = sha256_hex,
) -> Profile:
    """Make a profile of the functions that write its fields."""
    id_ = f"{name}@{version}"
    rules: dict[str, Rule] = {
        field: ValueRule(id_, encode, made, shapes.get(made)) for field, made in by_value.items()
    }
    for field, made in by_country.items():
        rules[field] = (
            PhoneRule(f"{id_} ({LIBRARY})", encode, made)
            if isinstance(made, PhoneForm)
            else CountryRule(id_, encode, made)
        )
    return Profile(name, version, MappingProxyType(rules), encode)
