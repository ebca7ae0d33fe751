"""The DNS, behind one small class."""

from typing import Protocol

import dns.exception
import dns.resolver
import dns.reversename
from flask import Flask

SECONDS = 3.0  # for one question, all tries together
PLACE = "names"


class NamesError(Exception):
    """The DNS gave no answer, so nothing is known. permanent is always False: the next try may work."""

    permanent = False


class Names(Protocol):
    """Answers questions about names."""

    def records(self, name: str, kind: str) -> list[str]:
        """Return the records of a kind (TXT, MX, A, AAAA, PTR) as text, or none. Raises NamesError."""


class Dns:
    """The resolver of this machine."""

    def records(self, name: str, kind: str) -> list[str]:
        try:
            resolver = dns.resolver.Resolver()
            answer = resolver.resolve(name, kind, lifetime=SECONDS, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError) as trouble:
            raise NamesError(f"{name} {kind}: {type(trouble).__name__}") from trouble
        if kind == "TXT":
            return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
        return [record.to_text() for record in answer]


def of(app: Flask) -> Names:
    """Return the resolver of the application: this machine's, unless another was put in its place."""
    found: Names = app.extensions.get(PLACE) or Dns()
    return found


def reverse(address: str) -> str:
    """Return the name under which the name of an IP address stands."""
    return dns.reversename.from_address(address).to_text(omit_final_dot=True)
