"""Values to hold a frozen version of the profiles to: everyday ones, odd ones and noise, always the same."""

from __future__ import annotations

import random
import unicodedata

_SIGNS = (
    "aAbzZ019 .@-+_'\"<>(),;:#%/\\\t\x7f\u00a0\u200b\ufeff\uff20äÖßøÆéÑİıΣςłđœ\u0301\u0308ﬁ정\u2019&\ufffd"
)
_STEMS = """
Jane.Doe@Example.com | j.a.n.e+news@gmail.com | jane@googlemail.com | JaneSaoirse+Work@example.com
jane doe@x.com | mailto:jane@example.com | <jane@example.com> | Jane Doe <jane@example.com>
jane(at)example.com | jane@example | Dr. Jane | Quinn, Jr. | O'Brien | Anne-Marie | van der Berg | José
Müller | Ångström | 정 | Łukasz | - | . | n/a | nan | NULL | None | #N/A | #REF! | %%FirstName%% | [null]
{} | unknown | -- | ?? | New York | Saint-Étienne | Île-de-France | Québec | QC | NY | New York State
Bayern | North Rhine-Westphalia | Alicante | Roma | nsw | 90210 | 90210-1234 | 902101234 | SW1A 1AA
H0H 0H0 | 42014 CEDEX 2 | 2134.0 | 02134 | 750001 | 123-4567 | 1234567890 | US | usa | United States
Côte d'Ivoire | Germany | DE | UK | de-DE | Freedonia | 1980-02-29 | 2/29/1980 | 29.02.1980 | 19800229
1900-01-01 | 1980-02-29T00:00:00Z | f | Male | woman | x | (650) 253-0000 | +44 20 7031 3000
0044 20 7031 3000 | 4915112345678 | 491701234567.0 | 015112345678 | +1 (555) 123-4567 | 1234567890
0000000000 | 650 253 0000 x12 | 123 Main Street | 10 Downing St. | Straße des 17. Juni 135
+65 1234 5678 | 6502530000 | 1 650 253 0000 | 4792813113
"""


def values() -> list[str]:
    """Some 1,500 values."""
    stems = _STEMS.replace("\n", " | ").strip(" |").split(" | ")
    dice = random.Random(20260228)
    noise = ["".join(dice.choices(_SIGNS, k=dice.randrange(1, 16))) for _ in range(600)]
    digits = ["".join(dice.choices("0123456789", k=dice.randrange(3, 16))) for _ in range(200)]
    letters = [chr(code) for code in range(0xA0, 0x250)] + [chr(code) for code in range(0x1E00, 0x1E60)]
    composed = [*stems, *noise, *digits, *(f"a{letter}b" for letter in letters), *(f"  {s} " for s in stems)]
    return composed + [unicodedata.normalize("NFD", stem) for stem in stems if not stem.isascii()]
