"""Given and family names of many languages and scripts, with the letters an address line makes of them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_SPELLED = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "Ae", "đ": "d", "Đ": "D", "ı": "i"}
    | {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "þ": "th", "Þ": "Th", "ð": "d"}
)


@dataclass(frozen=True, slots=True)
class Tongue:
    """The names of one language: women's, men's, and family names."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


ENGLISH = Tongue(
    ("Charlotte", "Siobhán", "Beatrice", "Eleanor", "Penelope", "Zoë", "Gwendolyn", "Rosalind"),
    ("Alistair", "Bartholomew", "Callum", "Sebastian", "Nathaniel", "Tobias", "Rhodri", "Cornelius"),
    (
        "O’Shaughnessy",
        "D'Arbanville",
        "Featherstone",
        "Blackwood",
        "St. Clair",
        "McAllister",
        "Whitcombe",
        "Brontë",
    ),
)
SPANISH = Tongue(
    ("María José", "Begoña", "Inés", "Ximena", "Guadalupe", "Concepción"),
    ("José Ángel", "Íñigo", "Joaquín", "Andrés", "Álvaro", "Ramón"),
    ("Ibáñez Muñoz", "de la Peña", "Echeverría", "Núñez", "Zamorano", "Güell i Bacigalupi"),
)
GERMAN = Tongue(
    ("Jördis", "Annegret", "Käthe", "Dörte", "Friederike", "Annika-Sophie"),
    ("Jörg", "Götz", "Karl-Heinz", "Günther", "Björn-Ole", "Rüdiger"),
    ("Weißenbach", "Großkopf", "Müllerschön", "von der Mühlen", "Schäufele", "Öttinger", "Böttcher-Kraß"),
)
FRENCH = Tongue(
    ("Élodie", "Anaïs", "Maëlle", "Françoise", "Océane", "Marie-Thérèse"),
    ("Jérôme", "François-Xavier", "Loïc", "Clément", "Hervé", "Cédric"),
    ("L'Hôpital", "Lefèvre", "de Sèze", "Château-Renard", "Noël-Lacaze", "Bœufgras", "Garçonnet"),
)
POLISH = Tongue(
    ("Małgorzata", "Agnieszka", "Grażyna"),
    ("Łukasz", "Zdzisław", "Wojciech"),
    ("Wójcicka", "Żółkiewski", "Śliwińska"),
)
CZECH = Tongue(
    ("Kateřina", "Žofie", "Ludmila"), ("Přemysl", "Jiří", "Bořivoj"), ("Dvořáková", "Šťastný", "Růžičková")
)
TURKISH = Tongue(
    ("Çağla", "Gülşen", "Işıl"), ("İbrahim", "Oğuzhan", "Ümit"), ("Yıldırım", "İnönülü", "Şimşekoğlu")
)
VIETNAMESE = Tongue(
    ("Thị Hồng", "Phương", "Ngọc Ánh"), ("Đức Anh", "Quốc Việt", "Hữu Lộc"), ("Nguyễn", "Đặng", "Trương")
)
NORDIC = Tongue(
    ("Åse-Marie", "Guðrún", "Søs"),
    ("Bjørnar", "Þorsteinn", "Håkon"),
    ("Østergaard", "Ærøskov", "Hallgrímsson"),
)
GREEK = Tongue(
    ("Ευαγγελία", "Δέσποινα", "Ζωή"),
    ("Γιώργος", "Οδυσσέας", "Θωμάς"),
    ("Παπαδόπουλος", "Καζαντζής", "Βασιλείου"),
)
CYRILLIC = Tongue(
    ("Ольга", "Екатерина", "Любовь"), ("Ярослав", "Сергій", "Дмитрий"), ("Шевченко", "Горбачёва", "Щербаков")
)
CHINESE = Tongue(("秀英", "美玲", "晓燕"), ("志强", "建国", "文博"), ("欧阳", "司徒", "諸葛"))

TONGUES: dict[str, tuple[tuple[Tongue, float], ...]] = {
    "US": (
        (ENGLISH, 0.55),
        (SPANISH, 0.22),
        (VIETNAMESE, 0.08),
        (POLISH, 0.06),
        (CHINESE, 0.05),
        (NORDIC, 0.04),
    ),
    "GB": ((ENGLISH, 0.72), (POLISH, 0.12), (GREEK, 0.06), (NORDIC, 0.05), (TURKISH, 0.05)),
    "DE": ((GERMAN, 0.66), (TURKISH, 0.14), (POLISH, 0.08), (CYRILLIC, 0.06), (CZECH, 0.06)),
    "FR": ((FRENCH, 0.76), (SPANISH, 0.1), (VIETNAMESE, 0.08), (POLISH, 0.06)),
    "AU": ((ENGLISH, 0.64), (GREEK, 0.12), (CHINESE, 0.12), (VIETNAMESE, 0.12)),
}
"""What languages the names of a country's subscribers come from, and how often."""


def address_letters(name: str) -> str:
    """The ASCII letters an e-mail address keeps of a name, in lower case; empty for a script without any."""
    plain = unicodedata.normalize("NFKD", name.translate(_SPELLED))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha()).lower()
