"""The professions and the languages that services are for."""

from babel import Locale
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

PROFESSIONS: dict[str, LazyString] = {
    "nursing": _l("Nursing and care"),
    "medicine": _l("Medicine"),
    "dentistry": _l("Dentistry"),
    "pharmacy": _l("Pharmacy"),
    "therapy": _l("Therapy and laboratory"),
    "engineering": _l("Engineering"),
    "architecture": _l("Architecture"),
    "computing": _l("Computing"),
    "science": _l("Science and research"),
    "teaching": _l("Teaching"),
    "law": _l("Law"),
    "finance": _l("Accounting and finance"),
    "social_work": _l("Social work and psychology"),
    "business": _l("Business and administration"),
    "trades": _l("Skilled trades"),
}
# Those that most people in the United States speak at home, as far as services are offered in them.
SPOKEN = (
    *("en", "es", "ar", "am", "bn", "zh", "fr", "ht", "hi", "ko", "my", "ne", "ps", "fa", "pl", "pt", "ru", "so"),
    *("sw", "tl", "ti", "uk", "ur", "vi"),
)


def spoken(code: str) -> list[tuple[str, str]]:
    """Return (ISO 639-1 code, name) of each language, by its name in the language of that code."""
    names = Locale.parse(code).languages
    found = [(one, names.get(one, one)) for one in SPOKEN]
    return sorted(((one, name[:1].upper() + name[1:]) for one, name in found), key=lambda pair: pair[1])
