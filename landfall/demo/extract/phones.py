"""Telephone numbers as people type them, national and international, and some that are no numbers at all."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.demo.extract.dice import Dice
from landfall.demo.extract.places import Country

_BROKEN = ("12345", "n/a", "0000000000", "+999 555 0100", "call the office", "00")
_DIALS_00 = frozenset({"GB", "DE", "FR"})


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as written, and its E.164 form; the latter is empty where what was written is no number."""

    written: str
    e164: str


NO_PHONE = Phone("", "")


def valid_phone(dice: Dice, country: Country, area: str, *, international: bool) -> Phone:
    """A number in a fictional range of the country, in one of the ways people there write it."""
    groups = "".join(str(dice.below(10)) if mark == "#" else mark for mark in area).split()
    digits = "".join(groups).removeprefix(country.trunk)
    styles = _international(country, groups) if international else _national(country, groups)
    return Phone(dice.pick(styles), f"+{country.dial}{digits}")


def broken_phone(dice: Dice) -> Phone:
    """Something in the phone column that no phone library accepts, whatever the row's country."""
    return Phone(dice.pick(_BROKEN), "")


def plus_phone(dice: Dice, country: Country, area: str) -> Phone:
    """A number that can be read without knowing its row's country."""
    phone = valid_phone(dice, country, area, international=True)
    return Phone(phone.e164, phone.e164)


def _national(country: Country, groups: list[str]) -> tuple[str, ...]:
    first, *rest = groups
    if country.code == "US":
        local = "-".join(rest)
        return (
            f"({first}) {local}",
            "-".join(groups),
            ".".join(groups),
            "".join(groups),
            f"1-{first}-{local}",
        )
    if country.code == "AU":
        return (f"({first}) {' '.join(rest)}", " ".join(groups), "".join(groups))
    if country.code == "DE":
        return (f"{first}/{''.join(rest)}", f"({first}) {' '.join(rest)}", "".join(groups), " ".join(groups))
    return (" ".join(groups), "".join(groups), ".".join(groups))


def _international(country: Country, groups: list[str]) -> tuple[str, ...]:
    significant = [groups[0].removeprefix(country.trunk), *groups[1:]]
    spaced = f"{country.dial} {' '.join(significant)}"
    packed = spaced.replace(" ", "")
    styles = [f"+{spaced}", f"+{packed}", f"+{country.dial}-{'-'.join(significant)}"]
    if country.trunk:
        styles.append(f"+{country.dial} ({country.trunk}){' '.join(significant)}")
    if country.code in _DIALS_00:
        styles += [f"00{packed}", f"00 {spaced}"]
    return tuple(styles)
