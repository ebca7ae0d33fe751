"""Telling robots from people: by what they say of themselves, and by how they follow links.

Scanners of mail, previews and prefetchers follow links that nobody has seen. Some say so. Of the others it is known
that they follow many links, or all of them, faster than anybody reads.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request
from werkzeug.datastructures import Headers

from crm.base import clock, networks, signing
from crm.base.robots import gives_itself_away

SOON = timedelta(seconds=10)  # Nobody has read the mail so soon after it came.
PACE = timedelta(seconds=1)  # Nobody follows one link after the other in less time.
READING = timedelta(seconds=5)  # Nobody follows all links of a mailing in less time for each.
ALL = 8  # So many links count as all of them, however many there are; and fewer than FEW as too few to tell.
FEW = 3
AGAIN = 5  # So often the same link, at that pace.
MOST_AN_HOUR = 60  # Clicks of one visitor on one link.
MOST_STRANGERS = 30  # New visitors of one network within STRANGERS.
STRANGERS = timedelta(minutes=1)
PURPOSE = "click visitor"


@dataclass(frozen=True)
class Hit:
    """One request for a link: when, whether it gives itself away as a robot's, and by what its sender is known today.

    `visitor` and `network` are digests, of which nothing can be told without the key.
    """

    at: datetime
    robot: bool
    visitor: str
    network: str


def hit(method: str, headers: Headers, network: str) -> Hit:
    """Return what is known of a request for a link; the network itself is not kept."""
    at = clock.now()
    named = (network, headers.get("User-Agent", ""), headers.get("Accept-Language", ""))
    return Hit(at, gives_itself_away(method, headers), digest(at, *named), digest(at, network))


def of_request() -> Hit:
    """Return what is known of the present request."""
    return hit(request.method, request.headers, networks.of_request())


def digest(at: datetime, *parts: str) -> str:
    """Return 32 hexadecimal digits that stand for these texts on the day of that moment, and on no other."""
    text = "\x1f".join((at.date().isoformat(), *parts))
    return hmac.digest(signing.key(PURPOSE), text.encode(), "sha256").hex()[:32]


def in_a_burst(moments: Sequence[datetime]) -> bool:
    """Tell whether different links, followed last at these moments, were followed faster than anybody can."""
    newest, *others = sorted(moments, reverse=True)
    return any(newest - moment < PACE * number for number, moment in enumerate(others, 1))


def all_at_once(moments: Sequence[datetime], links: int) -> bool:
    """Tell whether all links of a mailing that has so many were followed in less time than reading it takes.

    `moments` are those at which its different links were followed last.
    """
    needed = min(links, ALL)
    if needed < FEW or len(moments) < needed:
        return False
    newest = sorted(moments, reverse=True)[:needed]
    return newest[0] - newest[-1] < READING * needed


def again_and_again(clicks: int, since: timedelta) -> bool:
    """Tell whether so many clicks on one link within an hour, the first so long ago, are more than a person makes."""
    return clicks > MOST_AN_HOUR or (clicks >= AGAIN and since < PACE * clicks)
