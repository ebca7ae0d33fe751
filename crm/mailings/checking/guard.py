"""A guard between links that people write and the network that this program stands in.

A name is resolved once, every address that it has must be one of the open internet, and whoever visits connects to
those very addresses: so a name that answers differently the next time leads nowhere else. Only the program's own
address is let through whatever it is. (OWASP: Server-Side Request Forgery Prevention; IANA special-purpose address
registries.)
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit

import dns.exception
import dns.resolver
import idna

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str], Sequence[str]]

SECONDS = 5.0  # for one question to the DNS, all tries together
DEFAULT_PORTS = {"http": 80, "https": 443}
INTERNAL_NAMES = re.compile(
    r"(?:.*\.)?(?:localhost|localdomain|local|internal|intranet|lan|home|corp|private|home\.arpa)"
)
NUMBERS = re.compile(r"[0-9a-fx.]+")
# What is_global of the standard library lets through, or judges differently from one version to the next: Azure's
# metadata, 6to4 relays; Teredo and others, documentation, 6to4.
CLOSED = [ipaddress.ip_network(text) for text in ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24")]
CLOSED += [ipaddress.ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
UNICAST = ipaddress.ip_network("2000::/3")
UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
ODD = "%/:=&?~#+!$,;'@()*[]"


class Unfit(Exception):
    """The link is none that this program opens; the message says why. Readers may be able to."""


class Forbidden(Unfit):
    """The link leads into a network where its readers are not; the message says so."""


class NoSuchSite(Exception):
    """The name of the site has no address."""


class NotNow(Exception):
    """The DNS did not answer; another try may work."""


@dataclass(frozen=True)
class Place:
    """Where to connect for a link: the addresses that were let through, IPv4 first, and what to ask for there."""

    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]
    target: str


def look_up(host: str) -> Sequence[str]:
    """Return the addresses of a name as the DNS has them now, none where there is no such name. Raises NotNow."""
    try:
        return list(dns.resolver.Resolver().resolve_name(host, lifetime=SECONDS, search=False).addresses())
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError, ValueError) as trouble:
        raise NotNow(f"The name {host} could not be looked up.") from trouble


class Guard:
    """Lets links through that lead to the open internet, and to `own`, the address of this program."""

    def __init__(
        self,
        own: str = "",
        *,
        resolve: Resolve = look_up,
        networks: Collection[Network] = (),
        ports: Collection[int] = (80, 443),
    ) -> None:
        self._own = _origin(urlsplit(own)) if own else None
        self._resolve = resolve
        self._networks = networks
        self._ports = ports

    def place(self, url: str) -> Place:
        """Return where to connect for that link. Raises Unfit, Forbidden, NoSuchSite, NotNow."""
        parts, (scheme, host, port) = _read(url)
        own = (scheme, host, port) == self._own
        addresses = self._addresses(host, own)
        if not own and port not in self._ports:
            raise Unfit(f"It leads to port {port}, which is not looked at and some readers cannot reach.")
        target = quote(parts.path or "/", safe=ODD) + (f"?{quote(parts.query, safe=ODD)}" if parts.query else "")
        # Many servers have no IPv6, and a site that has both answers on either.
        ordered = sorted(addresses, key=lambda address: address.version)
        return Place(scheme, host, port, tuple(str(address) for address in ordered), target)

    def plainly_forbidden(self, url: str) -> str:
        """Return why the link is forbidden as far as that can be told without asking the network; "" otherwise."""
        try:
            _, (scheme, host, port) = _read(url)
            if (scheme, host, port) != self._own:
                self._literally(host)
        except Forbidden as why:
            return str(why)
        except (NoSuchSite, Unfit):
            return ""
        return ""

    def _literally(self, host: str) -> Address | None:
        found = literal(host)
        if found is not None:
            self._judge(found)
        elif INTERNAL_NAMES.fullmatch(host) or "." not in host:
            raise Forbidden(f"{host} is a name of your own network alone.")
        return found

    def _addresses(self, host: str, own: bool) -> list[Address]:
        known = literal(host) if own else self._literally(host)
        if known is not None:
            return [known]
        found = [ipaddress.ip_address(text.partition("%")[0]) for text in self._resolve(host)]
        if not found:
            raise NoSuchSite(f"There is no site of the name {host}.")
        for address in () if own else found:
            self._judge(address)
        return found

    def _judge(self, address: Address) -> None:
        if any(address in network for network in self._networks if network.version == address.version):
            return
        if not is_open(address):
            raise Forbidden("It leads to an address of an internal network, where readers cannot go.")


def is_open(address: Address) -> bool:
    """Tell whether the address is one of the open internet, and of one machine."""
    if any(address in network for network in CLOSED if network.version == address.version):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        # Outside of 2000::/3 lie loopback, unique local and link-local ones, multicast, and what embeds IPv4.
        return address in UNICAST and address.is_global
    return address.is_global and not address.is_multicast and not address.is_reserved


def literal(host: str) -> Address | None:
    """Return the address that a host is, also as one number, in octal or hexadecimal, as browsers read it."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    if NUMBERS.fullmatch(host):
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
        except OSError:
            return None
    return None


def _read(url: str) -> tuple[SplitResult, tuple[str, str, int]]:
    if UNSAFE.search(url):
        raise Unfit("It holds signs that no web address may hold.")
    try:
        parts = urlsplit(url)
        origin = _origin(parts)
    except (ValueError, idna.IDNAError) as trouble:
        raise NoSuchSite("It is no web address that could be opened.") from trouble
    if origin is None:
        raise Unfit("It leads to no address of the web (https://…).")
    return parts, origin


def _origin(parts: SplitResult) -> tuple[str, str, int] | None:
    """Return scheme, host and port; the host as the DNS writes it. Raises ValueError, IDNAError."""
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return None
    host = unquote(parts.hostname)
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode("ascii")
    if not host or UNSAFE.search(host) or "/" in host or "@" in host:
        raise ValueError(host)
    port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    return parts.scheme, host.lower().removesuffix("."), port
