"""The states of the United States, the District of Columbia and Puerto Rico: their names and their neighbors."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

STATES: dict[str, LazyString] = {
    "AL": _l("Alabama"),
    "AK": _l("Alaska"),
    "AZ": _l("Arizona"),
    "AR": _l("Arkansas"),
    "CA": _l("California"),
    "CO": _l("Colorado"),
    "CT": _l("Connecticut"),
    "DE": _l("Delaware"),
    "DC": _l("District of Columbia"),
    "FL": _l("Florida"),
    "GA": _l("Georgia"),
    "HI": _l("Hawaii"),
    "ID": _l("Idaho"),
    "IL": _l("Illinois"),
    "IN": _l("Indiana"),
    "IA": _l("Iowa"),
    "KS": _l("Kansas"),
    "KY": _l("Kentucky"),
    "LA": _l("Louisiana"),
    "ME": _l("Maine"),
    "MD": _l("Maryland"),
    "MA": _l("Massachusetts"),
    "MI": _l("Michigan"),
    "MN": _l("Minnesota"),
    "MS": _l("Mississippi"),
    "MO": _l("Missouri"),
    "MT": _l("Montana"),
    "NE": _l("Nebraska"),
    "NV": _l("Nevada"),
    "NH": _l("New Hampshire"),
    "NJ": _l("New Jersey"),
    "NM": _l("New Mexico"),
    "NY": _l("New York"),
    "NC": _l("North Carolina"),
    "ND": _l("North Dakota"),
    "OH": _l("Ohio"),
    "OK": _l("Oklahoma"),
    "OR": _l("Oregon"),
    "PA": _l("Pennsylvania"),
    "PR": _l("Puerto Rico"),
    "RI": _l("Rhode Island"),
    "SC": _l("South Carolina"),
    "SD": _l("South Dakota"),
    "TN": _l("Tennessee"),
    "TX": _l("Texas"),
    "UT": _l("Utah"),
    "VT": _l("Vermont"),
    "VA": _l("Virginia"),
    "WA": _l("Washington"),
    "WV": _l("West Virginia"),
    "WI": _l("Wisconsin"),
    "WY": _l("Wyoming"),
}
_BORDERS = """
AL: FL GA MS TN | AZ: CA CO NM NV UT | AR: LA MO MS OK TN TX | CA: NV OR | CO: KS NE NM OK UT WY AZ | CT: MA NY RI
DE: MD NJ PA | DC: MD VA | FL: GA | GA: NC SC TN | ID: MT NV OR UT WA WY | IL: IA IN KY MO WI | IN: KY MI OH
IA: MN MO NE SD WI | KS: MO NE OK | KY: MO OH TN VA WV | LA: MS TX | ME: NH | MD: PA VA WV | MA: NH NY RI VT
MI: OH WI | MN: ND SD WI | MS: TN | MO: NE OK TN | MT: ND SD WY | NE: SD WY | NV: OR UT | NH: VT | NJ: NY PA
NM: OK TX UT | NY: PA VT | NC: SC TN VA | ND: SD | OH: PA WV | OK: TX | OR: WA | PA: WV | SD: WY | TN: VA
UT: WY | VA: WV
"""


def _neighbors() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {code: set() for code in STATES}
    for line in _BORDERS.replace("\n", "|").split("|"):
        one, _, others = line.partition(":")
        for other in others.split():
            found[one.strip()].add(other)
            found[other].add(one.strip())
    return {code: frozenset(others) for code, others in found.items()}


NEIGHBORS = _neighbors()
"""Which states border on which; those across the sea have none."""
