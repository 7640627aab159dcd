"""docs/match-key-examples.md: what every version of every profile makes of ten values a field."""

from __future__ import annotations

from collections.abc import Iterator

from services.normalizer.matchkeys import PROFILES, Profile

Example = tuple[str, str | None]
"""A value, and the country of its row."""

_NAMES = [
    "  Mary Ann ",
    "O'Neill-Smith",
    "Jörg Müßig",
    "Élodie",
    "E\u0301lodie",
    "Ångström",
    "정",
    "N/A",
    "#REF!",
    "--",
]
EXAMPLES: dict[str, list[Example]] = {
    "email": [
        (value, None)
        for value in (
            " Jane.Doe@Example.com ",
            "JaneSaoirse+Work@example.com",
            "J.a.ne+News@Gmail.com",
            "j.ane+news@googlemail.com",
            "Jane Doe <jane@example.com>",
            "mailto:jane@example.com",
            "jane\u200b\uff20example.com;",
            "jane doe@example.com",
            "o'neill@example.com",
            "%%emailaddr%%",
        )
    ],
    "phone": [
        ("(650) 253-0000", "US"),
        ("650-253-0000", None),
        ("+44 20 7031 3000", None),
        ("0044 20 7031 3000", "DE"),
        ("0151 12345678", "DE"),
        ("4915112345678", "DE"),
        ("+1 (555) 123-4567", None),
        ("4915112345678.0", "DE"),
        ("1234567890", "US"),
        ("650 253 0000 x12", "US"),
    ],
    "first_name": [*((value, None) for value in ["Dr. Jane", *_NAMES[1:]])],
    "last_name": [*((value, None) for value in ["Quinn, Jr.", *_NAMES[1:]])],
    "street": [
        ("8 Bluestem Terrace", "US"),
        ("123 North Main St., Apt #4B", "US"),
        ("1 Ocean Boulevard", "US"),
        ("10 Downing Street", "GB"),
        ("Hauptstraße 5", "DE"),
        ("3 Allée des Pins", "FR"),
        ("C/ Mayor núm 3", "ES"),
        ("PZA Navona 1", "IT"),
        ("1 Main Street", None),
        ("unknown", "US"),
    ],
    "city": [
        (value, None)
        for value in (
            " New York ",
            "St. John's",
            "São Paulo",
            "Sa\u0303o Paulo",
            "München",
            "Århus",
            "東京",
            "2134.0",
            "?",
            "[null]",
        )
    ],
    "state": [
        ("California", "US"),
        ("CA", "US"),
        ("Québec", "CA"),
        ("Ontario", None),
        ("Bayern", "DE"),
        ("Île-de-France", "FR"),
        ("Grand Est", "FR"),
        ("NSW", "AU"),
        ("SP", "BR"),
        ("unknown", "US"),
    ],
    "zip": [
        ("94105-1234", "US"),
        ("94105-1234", None),
        ("2134.0", "US"),
        ("SW1A 1AA", "GB"),
        ("K1A 0B1", "CA"),
        ("42014 CEDEX 2", "FR"),
        ("D-10115", "DE"),
        ("100-0001", "JP"),
        ("00000", "US"),
        ("#N/A", None),
    ],
    "country": [
        (value, None)
        for value in (
            *("US", "usa", "United States", "UK", "Côte d'Ivoire", "the Netherlands", "de", "Freedonia"),
            *("unknown", "n.a."),
        )
    ],
    "date_of_birth": [
        (value, None)
        for value in (
            *("1980-02-29", "2/29/1980", "29.02.1980", "19800229", "19800229.0", "1980-02-29T00:00:00Z"),
            *("29/02/1980", "1981-02-29", "1900-01-01", "NULL"),
        )
    ],
    "gender": [
        (value, None) for value in ("f", "F", "Female", "woman", "m", "MALE", "man", "x", "unknown", "--")
    ],
}

_HEAD = """# Match-key examples

{note}

What each version of each profile writes before it hashes; – is no key (NULL). A value is shown with the
country of its row, where the rule reads one. [Match keys](match-keys.md) has the reasons.
"""


def match_key_examples(note: str) -> str:
    """The whole page."""
    lines = [_HEAD.format(note=note)]
    for versions in PROFILES.values():
        lines += _profile(list(versions.values()))
    return "\n".join(lines).rstrip() + "\n"


def _profile(versions: list[Profile]) -> Iterator[str]:
    yield f"## {versions[-1].name}\n"
    for field in versions[-1].rules:
        having = [profile for profile in versions if field in profile.rules]
        yield f"### {versions[-1].name}: {field}\n"
        yield f"| input | {' | '.join(profile.id for profile in having)} |"
        yield f"| --- |{' --- |' * len(having)}"
        for value, country in EXAMPLES[field]:
            rules = [profile.rules[field] for profile in having]
            read = country if rules[-1].needs_country else None
            made = " | ".join(_shown(rule.key(value, read).normalized) for rule in rules)
            yield f"| {_shown(value)}{f' ({read})' if read else ''} | {made} |"
        yield ""


def _shown(text: str | None) -> str:
    """As code, with spaces at the ends and characters that cannot be seen, or look alike, as escapes."""
    if text is None:
        return "–"
    plain = "".join(
        char if char.isprintable() and char not in "\u0301\u0303\uff20" else f"\\u{ord(char):04x}"
        for char in text
    )
    return "`" + plain.replace("|", "\\|") + "`"
