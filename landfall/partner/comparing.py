"""Which profile, in which version, gives the digests that a partner sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from landfall.partner.digests import Digests, parse_digest
from landfall.partner.values import Value
from services.normalizer.matchkeys import ALL_PROFILES, PROFILES, PhoneRule, Rule, UndefinedField, rule_of
from services.normalizer.matchkeys import Digits as DigitsWithoutPlus

_BATCH = 50_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """Profiles that cannot be told apart: all of them give the same of the partner's digests."""

    profiles: tuple[str, ...]
    """As ``name@version``."""
    digests: int
    """How many of the partner's distinct digests they give."""
    values: int
    """Of how many of our distinct values that have a key under the first of them."""
    keyed: int
    """How many of our distinct values have a key under the first of them."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The partner's sample against our values, the best candidate first."""

    field: str
    digests: Digests
    values: int
    """Our distinct values."""
    candidates: tuple[Candidate, ...]
    """Those that give any of the partner's digests."""

    @property
    def best(self) -> tuple[str, ...]:
        """The profiles that give the most; of several those that also write digests as the partner does."""
        top = self.candidates[0].digests if self.candidates else 0
        most = [name for each in self.candidates if each.digests == top for name in each.profiles]
        return tuple([name for name in most if self._is_encoded_alike(name)] or most)

    @property
    def differs_in_encoding(self) -> bool:
        """Whether the best profiles write digests otherwise than the partner, so that columns do not join."""
        return bool(self.best) and not self._is_encoded_alike(self.best[0])

    def _is_encoded_alike(self, profile: str) -> bool:
        return ALL_PROFILES[profile].in_base64 == self.digests.in_base64


@dataclass(frozen=True, slots=True)
class _Tried:
    profile: str
    found: frozenset[bytes]
    values: int
    keyed: int


@dataclass(frozen=True, slots=True)
class Context:
    """What decides how national values are read."""

    country: str | None = None
    """Of rows that name none themselves, as if they named it."""
    default_country: str | None = None
    """Of rows that name none, as a recipe's ``default_country``."""
    digits: DigitsWithoutPlus | None = None
    """How phones without ``+`` are read; None: as each version of a profile has it."""


def compare(
    digests: Digests, values: Sequence[Value], field: str, profiles: Iterable[str], context: Context
) -> Comparison:
    """Make our values' keys under every profile and look for them among the digests.

    How a digest is written does not matter here: bytes are compared.

    Args:
        digests: The partner's.
        values: Our distinct values, each with its row's country.
        field: What they are, such as email.
        profiles: Which to try, as ``name@version``; those that do not define the field are left out.
        context: What decides how national values are read.

    Raises:
        UnknownCountry: a country is none.
    """
    tried = [
        _try(digests, values, profile, rule, context)
        for profile in profiles
        if (rule := _rule(profile, field)) is not None
    ]
    groups: dict[frozenset[bytes], list[_Tried]] = {}
    for each in tried:
        if each.found:
            groups.setdefault(each.found, []).append(each)
    candidates = [
        Candidate(tuple(each.profile for each in same), len(found), same[0].values, same[0].keyed)
        for found, same in groups.items()
    ]
    return Comparison(
        field=field,
        digests=digests,
        values=len(values),
        candidates=tuple(sorted(candidates, key=lambda each: -each.digests)),
    )


def defining(field: str) -> list[str]:
    """Every version of every profile that defines a field, the newest of each name first."""
    newest_first = [each.id for versions in PROFILES.values() for each in reversed(list(versions.values()))]
    return [profile for profile in newest_first if _rule(profile, field) is not None]


def _rule(profile: str, field: str) -> Rule | None:
    try:
        return rule_of(profile, field)
    except UndefinedField:
        return None


def _try(digests: Digests, values: Sequence[Value], profile: str, rule: Rule, context: Context) -> _Tried:
    if isinstance(rule, PhoneRule):
        rule = rule.reading_digits_as(context.digits)
    found: set[bytes] = set()
    matched = keyed = 0
    for start in range(0, len(values), _BATCH):
        batch = values[start : start + _BATCH]
        texts = [value for value, _ in batch]
        countries = [its or context.country or "" for _, its in batch] if rule.needs_country else None
        for key in rule.keys(texts, countries, context.default_country):
            digest = None if key is None else parse_digest(key)
            if digest is not None:
                keyed += 1
                if digest.value in digests.distinct:
                    matched += 1
                    found.add(digest.value)
    return _Tried(profile, frozenset(found), matched, keyed)
