"""Five countries: their towns, and the telephone ranges that each regulator keeps for fiction.

Sources of the ranges: NANPA (555-0100 to 555-0199), Ofcom (drama numbers), Bundesnetzagentur (drama numbers),
ARCEP (decision 2018-0881), ACMA (numbers for use in radio and television).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A town with its own postal code and centre (degrees)."""

    city: str
    region: str
    postal_code: str
    latitude: float
    longitude: float
    areas: tuple[str, ...]
    """National numbers, trunk prefix included, in the groups people write; ``#`` stands for any digit."""
    streets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Country:
    """Where a subscriber lives: ``code`` is ISO 3166 alpha-2, ``dial`` the country calling code."""

    code: str
    dial: str
    trunk: str
    places: tuple[Place, ...]


_US_STREETS = ("Maple Avenue", "Old Mill Road", "Sycamore Lane, Apt. 4", "O'Malley Street")
_GB_STREETS = ("Orchard Close", "St Mary's Road", "Flat 2, Kingsway", "Ferry Lane")
_DE_STREETS = ("Goetheallee", "Große Kirchstraße", "Am Mühlbach", "Königsplatz")
_FR_STREETS = ("rue de l'Église", "allée des Chênes", "boulevard de la Forêt", "impasse du Pré-Fleuri")
_AU_STREETS = ("Wattle Grove", "Jacaranda Court", "Unit 7, Kookaburra Parade", "Eucalyptus Drive")


def _us(city: str, region: str, postal_code: str, lat: float, lon: float, *areas: str) -> Place:
    return Place(
        city, region, postal_code, lat, lon, tuple(f"{area} 555 01##" for area in areas), _US_STREETS
    )


UNITED_STATES = Country(
    "US",
    "1",
    "",
    (
        _us("San José", "CA", "95112", 37.3382, -121.8863, "408", "669"),
        _us("Minneapolis", "MN", "55401", 44.9778, -93.265, "612", "763"),
        _us("Española", "NM", "87532", 35.9911, -106.0806, "505", "575"),
        _us("Philadelphia", "PA", "19103", 39.9526, -75.1652, "215", "267"),
        _us("Atlanta", "GA", "30303", 33.749, -84.388, "404", "770"),
        _us("Seattle", "WA", "98101", 47.6062, -122.3321, "206", "425"),
        _us("Chicago", "IL", "60601", 41.8781, -87.6298, "312", "773"),
        _us("Boston", "MA", "02108", 42.3601, -71.0589, "617", "857"),
    ),
)

GREAT_BRITAIN = Country(
    "GB",
    "44",
    "0",
    (
        Place("London", "ENG", "SW1A 1AA", 51.5072, -0.1276, ("020 7946 0###",), _GB_STREETS),
        Place("Manchester", "ENG", "M1 1AE", 53.4808, -2.2426, ("0161 496 0###",), _GB_STREETS),
        Place("Edinburgh", "SCT", "EH1 1YZ", 55.9533, -3.1883, ("0131 496 0###",), _GB_STREETS),
        Place("Bristol", "ENG", "BS1 4DJ", 51.4545, -2.5879, ("0117 496 0###",), _GB_STREETS),
        Place("Liverpool", "ENG", "L1 8JQ", 53.4084, -2.9916, ("0151 496 0###",), _GB_STREETS),
    ),
)

GERMANY = Country(
    "DE",
    "49",
    "0",
    (
        Place("Berlin", "BE", "10115", 52.52, 13.405, ("030 23125###",), _DE_STREETS),
        Place("München", "BY", "80331", 48.1351, 11.582, ("089 99998###",), _DE_STREETS),
        Place("Köln", "NW", "50667", 50.9375, 6.9603, ("0221 4710###",), _DE_STREETS),
        Place("Hamburg", "HH", "20095", 53.5511, 9.9937, ("040 66969###", "0171 39200##"), _DE_STREETS),
        Place("Frankfurt am Main", "HE", "60311", 50.1109, 8.6821, ("069 90009###",), _DE_STREETS),
    ),
)

FRANCE = Country(
    "FR",
    "33",
    "0",
    (
        Place("Paris", "IDF", "75004", 48.8566, 2.3522, ("01 99 00 ## ##",), _FR_STREETS),
        Place("Saint-Étienne", "ARA", "42000", 45.4397, 4.3872, ("04 65 71 ## ##",), _FR_STREETS),
        Place("Besançon", "BFC", "25000", 47.2378, 6.0241, ("03 53 01 ## ##",), _FR_STREETS),
        Place("Orléans", "CVL", "45000", 47.903, 1.9093, ("02 61 91 ## ##",), _FR_STREETS),
        Place("Nîmes", "OCC", "30000", 43.8367, 4.3601, ("04 65 71 ## ##",), _FR_STREETS),
        Place("Angoulême", "NAQ", "16000", 45.6484, 0.1562, ("05 36 49 ## ##",), _FR_STREETS),
    ),
)

AUSTRALIA = Country(
    "AU",
    "61",
    "0",
    (
        Place("Sydney", "NSW", "2000", -33.8688, 151.2093, ("02 5550 ####", "02 7010 ####"), _AU_STREETS),
        Place("Melbourne", "VIC", "3000", -37.8136, 144.9631, ("03 5550 ####", "03 7010 ####"), _AU_STREETS),
        Place("Brisbane", "QLD", "4000", -27.4698, 153.0251, ("07 5550 ####", "07 7010 ####"), _AU_STREETS),
        Place("Adelaide", "SA", "5000", -34.9285, 138.6007, ("08 5550 ####", "08 7010 ####"), _AU_STREETS),
    ),
)
