"""The phone library against an independent port of the same metadata, on generated numbers of all regions."""

from __future__ import annotations

import random
from collections.abc import Iterator

import phonenumbers as port
import pytest

from services.normalizer.matchkeys import phone
from services.normalizer.matchkeys.everyday_phones import EverydayPhones, bare
from services.normalizer.matchkeys.phone_library import LIBRARY
from services.normalizer.matchkeys.version1 import phones

SEED = 20260131
EVERYDAY = 200_000
NUMBERS = 3_000
NOISE = "0123456789 +-()/x#.abcABC\u00a0\u200b\u0662"


def generated() -> Iterator[tuple[str, str | None]]:
    """Numbers of every region in many notations, most of them damaged a little, and plain noise."""
    chance = random.Random(SEED)
    regions = sorted(port.SUPPORTED_REGIONS)
    for index in range(NUMBERS):
        region = regions[index % len(regions)]
        text = "".join(chance.choices(NOISE, k=chance.randrange(24)))
        kind = chance.choice(sorted(port.supported_types_for_region(region)))
        example = port.example_number_for_type(region, kind)
        if example is not None and chance.random() < 0.9:
            style = chance.choice(
                (
                    port.PhoneNumberFormat.E164,
                    port.PhoneNumberFormat.INTERNATIONAL,
                    port.PhoneNumberFormat.NATIONAL,
                )
            )
            text = damaged(port.format_number(example, style), chance)
        yield text, chance.choice((region, region, region, None, "US", "GB", "JP"))


def damaged(text: str, chance: random.Random) -> str:
    digits = [index for index, character in enumerate(text) if character.isdigit()]
    for index in digits[-chance.choice((0, 2, 4, 6)) :]:
        text = text[:index] + chance.choice("0123456789") + text[index + 1 :]
    return chance.choice(
        (
            text,
            text,
            text,
            text[:-1],
            text + "7",
            "0" + text,
            "+" + text,
            "00" + text.removeprefix("+"),
            f"({text})",
            f"{text} ext. 12",
            text.replace(" ", "-"),
        )
    )


def reference(text: str, region: str | None, *, assigned: bool) -> str | None:
    """What the other port makes of the text, by the rules of version 1."""
    candidates = [(text, region)]
    if text.startswith("00"):
        candidates.append(("+" + text[2:], None))
    readings = []
    for candidate, where in candidates:
        try:
            readings.append(port.parse(candidate, where))
        except port.NumberParseException:
            continue
    chosen = [number for number in readings if port.is_valid_number(number)]
    if not chosen and not assigned:
        possible = [
            number
            for number in readings
            if port.is_possible_number_with_reason(number) == port.ValidationResult.IS_POSSIBLE
        ]
        nationals = [(number, port.national_significant_number(number)) for number in possible]
        chosen = [
            number
            for number, digits in nationals
            if digits != digits[0] * len(digits) and not digits.startswith("0000")
        ]
    return port.format_number(chosen[0], port.PhoneNumberFormat.E164) if chosen else None


def test_both_ports_hold_the_same_metadata() -> None:
    assert LIBRARY.endswith(f"metadata {port.__version__}")


def test_both_ports_read_every_generated_number_alike() -> None:
    differences = 0
    found = {"valid": 0, "possible": 0}
    for text, region in generated():
        text = text.strip()
        valid, possible = phones.valid(text, region), phones.possible(text, region)
        found["valid"] += valid is not None
        found["possible"] += possible is not None
        differences += valid != reference(text, region, assigned=True)
        differences += possible != reference(text, region, assigned=False)
    assert differences == 0
    assert NUMBERS / 5 < found["valid"] < found["possible"] < NUMBERS * 0.9


def as_written() -> Iterator[tuple[str, str | None]]:
    """Numbers as people write them, of all regions: with right and wrong prefixes, ranges and lengths."""
    chance = random.Random(SEED)
    regions = [port.PhoneMetadata.metadata_for_region(region) for region in sorted(port.SUPPORTED_REGIONS)]
    examples = {region.id: examples_of(region.id) for region in regions if region is not None}
    for index in range(EVERYDAY):
        region = regions[index % len(regions)]
        assert region is not None
        code, prefix = str(region.country_code), region.national_prefix or "0"
        number = chance.choice(examples[region.id])
        kept = len(number) - chance.choice((0, 0, 2, 4, 6, len(number)))
        number = number[:kept] + "".join(chance.choices("0123456789", k=len(number) - kept))
        number = chance.choice((number, number, number[:-1], number + "3", number[1:]))
        usual = ("", prefix, f"+{code}")
        before = (*usual * 4, "0", "8", "1", code, f"+{code}{prefix}", f"00{code}", "+")
        text = chance.choice(before) + number
        cut = chance.randrange(1, len(text))
        space = chance.choice(("", " ", "-", ".", ") "))
        yield text[:cut] + space + text[cut:], chance.choice((region.id, region.id, None, "US", "GB", "XX"))


def examples_of(region: str) -> list[str]:
    kinds = sorted(port.supported_types_for_region(region))
    found = [port.example_number_for_type(region, kind) for kind in kinds]
    return [port.national_significant_number(each) for each in found if each is not None]


def test_what_is_recognised_without_the_library_is_what_the_library_makes_of_it() -> None:
    read = EverydayPhones(port.__version__).dialled
    recognised, regions, differences = 0, set(), []
    with pytest.MonkeyPatch.context() as library_alone:
        library_alone.setattr(phones, "_read_everyday", lambda _text, _country: None)
        for text, country in as_written():
            number = read(text, country)
            if number is not None:
                recognised += 1
                regions.add(country)
                if number != phones.valid(text, country):
                    differences.append((text, country))
    assert differences == []
    assert recognised > EVERYDAY / 20
    assert len(regions - {None}) > 230


@pytest.mark.parametrize("mode", ["own_code", "international", "national", "strict"])
def test_so_it_is_however_digits_are_read(mode: phone.Digits) -> None:
    recognised, disputed, differences = 0, 0, []
    for text, country in as_written():
        digits = text if mode == "national" else text.removeprefix("+").removeprefix("00")
        number = phone._everyday(country, mode)(bare(digits))
        if number is not None:
            recognised += 1
            disputed += number == phone._CANNOT_BE_TOLD
            expected = phone._by_library(digits, country, mode, (phone._assigned, phone._possible))
            if (number or None) != expected:
                differences.append((digits, country))
    assert differences == []
    assert recognised > EVERYDAY / 50
    assert (disputed > EVERYDAY / 1000) == (mode == "strict")


def test_ranges_of_another_release_are_not_used() -> None:
    number, country = "(650) 253-0000", "US"
    assert EverydayPhones(port.__version__).dialled(number, country) == "+16502530000"
    other = EverydayPhones("0.0.0")
    assert other.dialled(number, country) is None
    assert not other.certainly_invalid_after_plus("99999999")
