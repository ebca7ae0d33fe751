"""Hints at mistyped addresses, from the text alone: no DNS look-up."""

PROVIDERS = (
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "icloud.com",
    "aol.com",
    "comcast.net",
    "verizon.net",
    "protonmail.com",
)
# Real ones that look like slips of the ones above.
NO_SLIPS = frozenset(
    {"mail.com", "email.com", "ymail.com", "gmx.com", "gmail.co", "aol.de", "yahoo.co", "yahoo.ca", "yahoo.es"}
    | {"hotmail.ca", "hotmail.co", "hotmail.es", "outlook.es", "rocketmail.com", "live.com", "me.com", "mac.com"}
)
ENDINGS = {"con": "com", "cmo": "com", "ocm": "com", "vom": "com", "xom": "com", "comm": "com", "coom": "com"} | {
    "ogr": "org",
    "orgg": "org",
    "nte": "net",
    "ney": "net",
    "rog": "org",
    "eud": "edu",
    "edi": "edu",
}


def suggestion(address: str) -> str | None:
    """Return the address that was probably meant, e.g. amina@gmail.com for amina@gmial.com, or None."""
    local, at, domain = address.rpartition("@")
    if not (local and at) or domain in PROVIDERS or domain in NO_SLIPS:
        return None
    for provider in PROVIDERS:
        if _one_slip(domain, provider):
            return f"{local}@{provider}"
    name, _, ending = domain.rpartition(".")
    return f"{local}@{name}.{ENDINGS[ending]}" if name and ending in ENDINGS else None


def _one_slip(typed: str, meant: str) -> bool:
    """Tell whether one letter is wrong, missing, too many or swapped with its neighbor."""
    if abs(len(typed) - len(meant)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
    rest, wanted = typed[start:], meant[start:]
    swapped = rest[:2] == wanted[:2][::-1] and rest[2:] == wanted[2:]
    return swapped or rest[1:] == wanted[1:] or rest[1:] == wanted or rest == wanted[1:]
