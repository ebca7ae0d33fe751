"""What is never asked of people: immigration status, nationality, country of origin (docs/privacy.md)."""

import re
import unicodedata
from collections.abc import Iterable

WHY = (
    "Groundswell does not ask for immigration status, nationality or country of origin, and does not keep them: such a "
    "list could be used against the people on it. Ask for something else, such as the field of work or the languages."
)
# As they stand without accents, in lower case. Words of work with newcomers (resettlement agency) are none of them.
PATTERNS = (
    r"\b(im)?migra(tion|nt|tory)\W+(status|situation|history|papers)",
    r"\b(visa|asylum|refugee|residen(ce|cy)|citizenship|legal|documentation) status",
    r"\bstatus (of )?(im)?migration",
    r"\b(type|kind) of visa|\bvisa (type|kind|category)",
    r"\bnationalit|\bcitizenship|\bcitizen of\b|\bare you a(n)? (\w+ )?(citizen|immigrant|refugee|asylee)",
    r"\b(country|nation|place|land|region) (of|where) (your )?(origin|birth|you were born|citizenship)",
    r"\b(home|birth|native|origin) country|\bcountry you (are|come|came|were)|\bbirthplace|\bwere you born",
    r"\bwhere (are|do|did) you (originally )?(come )?from\b",
    r"\bundocumented|\bgreen card|\bpermanent resident|\bdaca\b|\bwork permit|\bwork authori[sz]ation",
    r"\b(estatus|estado|situacion|condicion) (migratori|legal|de inmigra)",
    r"\bnacionalidad|\bciudadania|\bindocumentad|\bpermiso de trabajo|\btarjeta verde|\btipo de visa",
    r"\bpais (de|donde) (su )?(origen|nacimiento|nacio)|\blugar de nacimiento|\bdonde nacio|\bde que pais\b",
    r"جنسي(ة|ه|ت)|بلد (المنشا|الاصل|الميلاد|الولادة)|الوطن الام|مكان (الولادة|الميلاد)",
    r"(وضع|حالة|صفة) (ال)?(هجرة|اقامة|لجوء)|وضعك القانوني|تصريح (ال)?عمل|البطاقة الخضراء",
)
NEVER = re.compile("|".join(PATTERNS))
# Arabic: alef with and without its signs is one letter here.
PLAIN = str.maketrans("أإآى", "اااي")


def found(texts: Iterable[str]) -> str:
    """Return the first text that asks for one of these, "" for none."""
    return next((text for text in texts if NEVER.search(_plain(text))), "")


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.translate(PLAIN).casefold())
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[-_/]", " ", kept.replace(".", "")).translate(PLAIN).split())
