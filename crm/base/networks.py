"""Networks, as limits see them: one household or office, whatever address it takes."""

import ipaddress
from functools import lru_cache

from flask import request


@lru_cache(maxsize=1024)
def network(address: str | None) -> str:
    """Return the /24 of an IPv4 or the /64 of an IPv6 address, or `unknown`."""
    try:
        ip = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 64}", strict=False))


def of_request() -> str:
    """Return the network that the present request came from."""
    return network(request.remote_addr)
