"""The number ranges of ``services/normalizer/matchkeys/everyday_phones.py``, from the library's metadata.

The library in use does not show its metadata; they are taken from the Python port of the same release. What
makes a number valid is the algorithm of Google's libphonenumber (``PhoneNumberUtil.parse``,
``isValidNumber``); each condition here keeps one of its steps from doing anything else than what the
expression does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

import phonenumbers as port
from phonenumbers import PhoneMetadata, PhoneNumberDesc


def phone_ranges() -> str:
    """The JSON that the normalizer reads; a line an entry, so that a new release shows what it changes."""
    by_code = {str(code): [_metadata(region) for region in regions] for code, regions in _geographic()}
    numbers = {code: _numbers(regions) for code, regions in by_code.items()}
    after_plus = {code: _never(main.national_prefix_for_parsing) for code, (main, *_) in by_code.items()}
    perhaps = {str(code): _perhaps(regions) for code, regions in sorted(_all_codes())}
    as_dialled = {region: _as_dialled(_metadata(region)) for region in sorted(port.SUPPORTED_REGIONS)}
    sections: dict[str, Mapping[str, object]] = {
        "numbers": numbers,
        "after_plus": after_plus,
        "perhaps": perhaps,
        "as_dialled": as_dialled,
    }
    written = (_section(name, entries) for name, entries in sections.items())
    return ",\n".join([f'{{"metadata": "{port.__version__}"', *written]) + "}\n"


def _section(name: str, entries: Mapping[str, object]) -> str:
    lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in entries.items())
    return f'"{name}": {{\n' + ",\n".join(lines) + "\n}"


def _geographic() -> Iterator[tuple[int, tuple[str, ...]]]:
    for code, regions in sorted(port.COUNTRY_CODE_TO_REGION_CODE.items()):
        if regions != ("001",):
            yield code, regions


def _all_codes() -> Iterator[tuple[int, list[PhoneMetadata]]]:
    """Calling codes with the metadata of their regions, those of no country included."""
    for code, regions in _geographic():
        yield code, [_metadata(region) for region in regions]
    for code in port.COUNTRY_CODES_FOR_NON_GEO_REGIONS:
        metadata = PhoneMetadata.metadata_for_nongeo_region(code)
        assert metadata is not None, code
        yield code, [metadata]


def _perhaps(regions: Sequence[PhoneMetadata]) -> str:
    """What may be valid after ``+`` and a calling code; everything else is certainly not.

    A valid number is as its region's general description says. Digits that begin like a national prefix may
    lose it first, so nothing is said of them; the first region's prefix is the one that counts after ``+``.
    """
    prefix = regions[0].national_prefix_for_parsing
    general = "|".join(f"{_whole(each.general_desc)}[0-9]*" for each in regions)
    return f"(?:{f'(?:{prefix})[0-9]*|' if prefix else ''}{general})"


def _numbers(regions: Sequence[PhoneMetadata]) -> str:
    """National numbers of a calling code that are valid whatever else the metadata say of them.

    A number belongs to the first region whose leading digits or, where it has none, whose ranges it has, and
    must then be in one of that region's ranges.
    """
    main, *others = regions
    if main.leading_digits is not None:
        return f"(?!0)(?={_any(main.leading_digits)}){_any(*_ranges(main))}"
    claimed = [each.leading_digits for each in others if each.leading_digits is not None]
    open_to_all = [each for each in regions if each.leading_digits is None]
    return f"{_never('0', *claimed)}{_any(*(each for region in open_to_all for each in _ranges(region)))}"


def _ranges(region: PhoneMetadata) -> Iterator[str]:
    """Fixed lines and mobiles; the rest is rare."""
    for kind in (region.fixed_line, region.mobile):
        if kind is not None and kind.national_number_pattern:
            yield f"{_whole(region.general_desc)}{_as_long(kind)}{_any(kind.national_number_pattern)}"


def _as_dialled(region: PhoneMetadata) -> tuple[str, str]:
    """The calling code, and what may stand before a number that is written as in its own country.

    Nothing of what is dialled to reach other countries, no calling code, and of all prefixes only the plain
    one, where there is one: others change what follows. What is left must be a number of this region, or
    the prefix would not be taken away; a code of one region has no others.
    """
    code, prefix = str(region.country_code), region.national_prefix
    ways = _alternatives(region.national_prefix_for_parsing or "")
    refused = [way for way in ways if way != prefix]
    before = _never(region.international_prefix, code, *refused)
    if prefix in ways:
        before += f"(?:{prefix}|(?!{prefix}))"
    is_alone = port.COUNTRY_CODE_TO_REGION_CODE[int(code)] == (region.id,)
    return code, before if is_alone else before + _whole(region.general_desc)


def _whole(kind: PhoneNumberDesc | None) -> str:
    """Ahead is a number as the kind's are, and as long."""
    assert kind is not None, "every region has a general description"
    ahead = rf"(?={_any(kind.national_number_pattern)}\Z)" if kind.national_number_pattern else ""
    return _as_long(kind) + ahead


def _as_long(kind: PhoneNumberDesc) -> str:
    lengths = kind.possible_length or ()
    if not lengths:
        return ""
    if lengths == tuple(range(lengths[0], lengths[-1] + 1)):
        return rf"(?=[0-9]{{{lengths[0]},{lengths[-1]}}}\Z)"
    return rf"(?={_any(*(f'[0-9]{{{length}}}' for length in lengths))}\Z)"


def _never(*patterns: str | None) -> str:
    found = [pattern for pattern in patterns if pattern]
    return f"(?!{'|'.join(found)})" if found else ""


def _any(*patterns: str) -> str:
    return f"(?:{'|'.join(dict.fromkeys(patterns))})"


def _alternatives(pattern: str) -> list[str]:
    """An expression's alternatives at its outermost level."""
    ways, depth = [""], 0
    for token in re.findall(r"\\.|\[[^]]*\]|.", pattern):
        depth += (token == "(") - (token == ")")
        if token == "|" and depth == 0:
            ways.append("")
        else:
            ways[-1] += token
    return [way for way in ways if way]


def _metadata(region: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region(region)
    assert metadata is not None, region
    return metadata
