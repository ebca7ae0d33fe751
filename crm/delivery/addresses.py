"""E-mail addresses as SMTP wants them: checked, with the domain in ASCII."""

import re
from contextlib import suppress
from functools import lru_cache

import idna

FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029<>,;:\\\"()\[\]]")
LABELS = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


class BadAddress(ValueError):
    """The address cannot stand in an SMTP envelope."""


def normalize(address: str) -> str:
    """Return the address as it is stored and compared: trimmed, lower case, A-labels of its domain in Unicode."""
    address = address.strip().lower()
    local, at, domain = address.rpartition("@")
    if "xn--" in domain:
        with suppress(idna.IDNAError):  # What is no domain name stays as it was typed, and fails when it is sent to.
            return f"{local}{at}{idna.decode(domain)}"
    return address


def wire_form(address: str) -> tuple[str, bool]:
    """Return the address with its domain as A-labels, and whether it still needs SMTPUTF8 (RFC 6531).

    Raises BadAddress for what RFC 5321 §4.5.3.1 forbids, and for anything that could end a command or a header.
    """
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or "@" in local or FORBIDDEN.search(local) or FORBIDDEN.search(domain):
        raise BadAddress(f"{address!r} is not an e-mail address")
    domain = ascii_domain(domain)
    if len(local.encode()) > 64 or len(local.encode()) + len(domain) + 1 > 254:
        raise BadAddress(f"{address!r} is too long for an e-mail address")
    return f"{local}@{domain}", not local.isascii()


@lru_cache(maxsize=4096)
def ascii_domain(domain: str) -> str:
    """Return the domain as A-labels (IDNA 2008); raises BadAddress."""
    try:
        name = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise BadAddress(f"{domain!r} is not a domain name: {error}") from error
    if not LABELS.fullmatch(name):
        raise BadAddress(f"{domain!r} is not a domain name")
    return name
