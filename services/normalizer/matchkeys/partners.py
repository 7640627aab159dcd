"""Profiles of partners that follow another standard's rules, or nearly.

Each has a name of its own, so that outputs and fingerprints say for whom the keys were made, and so that it
can change when its partner does. Their rules are those of version 2: a later version of a standard makes a
later version here, and leaves these as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from services.normalizer.matchkeys import emails, version2
from services.normalizer.matchkeys.digest import sha1_hex, sha256_hex
from services.normalizer.matchkeys.phone_library import LIBRARY
from services.normalizer.matchkeys.phone_rule import PhoneForm, PhoneRule
from services.normalizer.matchkeys.profile import Profile, profile
from services.normalizer.matchkeys.rules import Rule, ValueRule
from services.normalizer.matchkeys.shapes import EVERYDAY as SHAPES

_STANDARDS = {each.name: each for each in version2.PROFILES}

_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")
# The service's guide says that variations of common domains are made one, and not which one.
_VARIED_DOMAINS = frozenset({"googlemail.com"})
_NORTH_AMERICA = "+1"


def service_email(value: str) -> str | None:
    """As the guide of AWS Entity Resolution: without dots, ``+suffix`` and ``_`` before the ``@``."""
    written = emails.with_at_sign(value)
    if written is None:
        return None
    local, _, domain = written.partition("@")
    address = emails.as_amazon(emails.without_accents_of_user(f"{local.partition('+')[0]}@{domain}"))
    if address is None:
        return None
    local, _, domain = address.partition("@")
    local = local.replace(".", "").replace("_", "")
    return f"{local}@{domain}" if local and domain not in _VARIED_DOMAINS else None


def reddit_email(value: str) -> str | None:
    """Lower case; before the ``@`` no ``+suffix`` and nothing but letters and digits, whatever the domain."""
    address = emails.plain(value)
    if address is None:
        return None
    local, _, domain = address.partition("@")
    local = _NOT_ALPHANUMERIC.sub("", local.partition("+")[0])
    return f"{local}@{domain}" if local else None


def as_ten_digits(number: str) -> str | None:
    """The ten digits of a North American number without its country code; other countries have none."""
    return number.removeprefix(_NORTH_AMERICA) if number.startswith(_NORTH_AMERICA) else None


def _named(name: str, standard: str, others: Mapping[str, Rule] | None = None) -> Profile:
    """Version 1 of a profile with the rules of a standard, but for others."""
    base, id_ = _STANDARDS[standard], f"{name}@1"
    rules = {
        field: replace(rule, fingerprint=rule.fingerprint.replace(base.id, id_))
        for field, rule in base.rules.items()
    }
    return Profile(name, 1, MappingProxyType({**rules, **(others or {})}), base.encode)


def _liveramp() -> Profile:
    """E-mails by SHA-256, phones by SHA-1."""
    made = profile("liveramp", 1, {"email": emails.plain}, {}, SHAPES)
    phones = PhoneRule(f"{made.id} ({LIBRARY})", sha1_hex, PhoneForm(as_ten_digits))
    return replace(made, rules=MappingProxyType({**made.rules, "phone": phones}))


PROFILES = (
    _named(
        "entity-resolution-service",
        "entity-resolution",
        {"email": ValueRule("entity-resolution-service@1", sha256_hex, service_email)},
    ),
    _named("euid", "uid2"),
    _named("the-trade-desk", "uid2"),
    _liveramp(),
    profile("reddit", 1, {"email": reddit_email}, {}, SHAPES),
)
