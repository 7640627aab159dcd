"""States and provinces: their codes (ISO 3166-2 without the country) and the names people write.

Kept for the countries whose codes are in everyday use: United States with its territories and the armed
forces' addresses, Canada, Australia, Germany, Spain and Italy (provinces).

France's regions have the two letters that the normalisers published by AWS give them (the library for Entity
Resolution, the AMC uploader); the regions of 2016 that merge several have none there, and no key here.
"""

from __future__ import annotations

from services.normalizer.matchkeys.text import folded

_US = """
AL Alabama | AK Alaska | AZ Arizona | AR Arkansas | CA California | CO Colorado | CT Connecticut
DE Delaware | DC District of Columbia = Washington DC = Washington D.C. = D.C. | FL Florida | GA Georgia
HI Hawaii | ID Idaho | IL Illinois | IN Indiana | IA Iowa | KS Kansas | KY Kentucky | LA Louisiana
ME Maine | MD Maryland | MA Massachusetts | MI Michigan | MN Minnesota | MS Mississippi | MO Missouri
MT Montana | NE Nebraska | NV Nevada | NH New Hampshire | NJ New Jersey | NM New Mexico | NY New York
NC North Carolina | ND North Dakota | OH Ohio | OK Oklahoma | OR Oregon | PA Pennsylvania | RI Rhode Island
SC South Carolina | SD South Dakota | TN Tennessee | TX Texas | UT Utah | VT Vermont | VA Virginia
WA Washington = Washington State | WV West Virginia | WI Wisconsin | WY Wyoming | AS American Samoa
GU Guam | MP Northern Mariana Islands | PR Puerto Rico
VI Virgin Islands = US Virgin Islands = Virgin Islands, U.S. | UM United States Minor Outlying Islands
AA Armed Forces Americas | AE Armed Forces Europe | AP Armed Forces Pacific
"""

_CA = """
AB Alberta | BC British Columbia = Colombie-Britannique | MB Manitoba | NB New Brunswick = Nouveau-Brunswick
NL Newfoundland and Labrador = Newfoundland = Terre-Neuve-et-Labrador | NS Nova Scotia = Nouvelle-Écosse
NT Northwest Territories = Territoires du Nord-Ouest | NU Nunavut | ON Ontario
PE Prince Edward Island = Île-du-Prince-Édouard | QC Québec | SK Saskatchewan | YT Yukon = Yukon Territory
"""

_AU = """
ACT Australian Capital Territory | NSW New South Wales | NT Northern Territory | QLD Queensland
SA South Australia | TAS Tasmania | VIC Victoria | WA Western Australia
"""

_DE = """
BW Baden-Württemberg = Baden-Wuerttemberg | BY Bayern = Bavaria | BE Berlin | BB Brandenburg | HB Bremen
HH Hamburg | HE Hessen = Hesse | MV Mecklenburg-Vorpommern | NI Niedersachsen = Lower Saxony
NW Nordrhein-Westfalen = North Rhine-Westphalia = NRW | RP Rheinland-Pfalz = Rhineland-Palatinate
SL Saarland | SN Sachsen = Saxony | ST Sachsen-Anhalt = Saxony-Anhalt | SH Schleswig-Holstein
TH Thüringen = Thueringen = Thuringia
"""

_ES = """
A Alicante = Alacant | AB Albacete | AL Almería | AV Ávila | B Barcelona | BA Badajoz | BI Bizkaia = Vizcaya
BU Burgos | C A Coruña = La Coruña | CA Cádiz | CC Cáceres | CE Ceuta | CO Córdoba | CR Ciudad Real
CS Castellón = Castelló | CU Cuenca | GC Las Palmas | GI Girona = Gerona | GR Granada | GU Guadalajara
H Huelva | HU Huesca | J Jaén | L Lleida = Lérida | LE León | LO La Rioja | LU Lugo | M Madrid | MA Málaga
ML Melilla | MU Murcia | NA Navarra = Nafarroa | O Asturias | OR Ourense = Orense | P Palencia
PM Illes Balears = Islas Baleares = Baleares = Balears | PO Pontevedra | S Cantabria | SA Salamanca
SE Sevilla = Seville | SG Segovia | SO Soria | SS Gipuzkoa = Guipúzcoa | T Tarragona | TE Teruel
TF Santa Cruz de Tenerife | TO Toledo | V Valencia = València | VA Valladolid | VI Álava = Araba
Z Zaragoza | ZA Zamora
"""

_IT = """
AG Agrigento | AL Alessandria | AN Ancona | AO Aosta | AP Ascoli Piceno | AQ L'Aquila | AR Arezzo | AT Asti
AV Avellino | BA Bari | BG Bergamo | BI Biella | BL Belluno | BN Benevento | BO Bologna | BR Brindisi
BS Brescia | BT Barletta-Andria-Trani | BZ Bolzano = Bozen = South Tyrol | CA Cagliari | CB Campobasso
CE Caserta | CH Chieti | CL Caltanissetta | CN Cuneo | CO Como | CR Cremona | CS Cosenza | CT Catania
CZ Catanzaro | EN Enna | FC Forlì-Cesena | FE Ferrara | FG Foggia | FI Firenze = Florence | FM Fermo
FR Frosinone | GE Genova = Genoa | GO Gorizia | GR Grosseto | IM Imperia | IS Isernia | KR Crotone
LC Lecco | LE Lecce | LI Livorno | LO Lodi | LT Latina | LU Lucca | MB Monza e Brianza = Monza and Brianza
MC Macerata | ME Messina | MI Milano = Milan | MN Mantova = Mantua | MO Modena
MS Massa-Carrara = Massa and Carrara | MT Matera | NA Napoli = Naples | NO Novara | NU Nuoro | OR Oristano
PA Palermo | PC Piacenza | PD Padova = Padua | PE Pescara | PG Perugia | PI Pisa | PN Pordenone | PO Prato
PR Parma | PT Pistoia | PU Pesaro e Urbino = Pesaro and Urbino | PV Pavia | PZ Potenza | RA Ravenna
RC Reggio Calabria | RE Reggio Emilia | RG Ragusa | RI Rieti | RM Roma = Rome | RN Rimini | RO Rovigo
SA Salerno | SI Siena | SO Sondrio | SP La Spezia | SR Siracusa = Syracuse | SS Sassari | SU Sud Sardegna
SV Savona | TA Taranto | TE Teramo | TN Trento = Trentino | TO Torino = Turin | TP Trapani | TR Terni
TS Trieste | TV Treviso | UD Udine | VA Varese | VB Verbano-Cusio-Ossola | VC Vercelli | VE Venezia = Venice
VI Vicenza | VR Verona | VT Viterbo | VV Vibo Valentia
"""


_FR = """
AA Alsace | AQ Aquitaine | AU Auvergne | BT Bretagne = Brittany = BRE | BG Bourgogne = Burgundy
CN Centre = Centre-Val de Loire = CVL | CG Champagne-Ardenne = Champagne-Ardennes | FC Franche-Comté
IF Île-de-France = IDF | LU Languedoc-Roussillon | LM Limousin | LE Lorraine
BN Basse-Normandie = Lower Normandy | MP Midi-Pyrénées | NP Nord-Pas-de-Calais
PL Pays de la Loire = PDL | PI Picardie = Picardy | PT Poitou-Charentes
PR Provence-Alpes-Côte d'Azur = PACA = PAC | RA Rhône-Alpes | HT Haute-Normandie = Upper Normandy
CE Corse = Corsica = COR = 20R
"""


def _codes(table: str) -> dict[str, str]:
    """Every spelling of a table, folded, to its lower-case code."""
    found: dict[str, str] = {}
    for entry in table.replace("\n", " | ").strip(" |").split(" | "):
        code, names = entry.split(" ", 1)
        for spelling in (code, *names.split(" = ")):
            found[folded(spelling)] = code.lower()
    return found


_TABLES = {"US": _US, "CA": _CA, "AU": _AU, "DE": _DE, "ES": _ES, "IT": _IT, "FR": _FR}

# Country (alpha-2) → folded name or code → lower-case code.
CODES = {country: _codes(table) for country, table in _TABLES.items()}
