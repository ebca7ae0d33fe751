"""What the tests of the defence share: a form that is sent, and the check that it is shown again with."""

import html
import json
import re
from datetime import timedelta
from typing import Any

from altcha import Challenge, Payload, solve_challenge

from tests.contacts.people import filled_in, hidden, posted

NETWORK = "203.0.113.7"


def busy(client, network: str = NETWORK) -> None:
    """Let a network send so many forms that the next is suspicious."""
    for number in range(7):
        assert filled_in(client, f"busy{number}@mail.example", network=network).status_code == 303


def challenge(page: str) -> str | None:
    found = re.search(r'data-check="([^"]+)"', page)
    return html.unescape(found[1]) if found else None


def solution(page: str) -> str:
    """Do the work that the page asks for, as altcha's widget does."""
    asked = Challenge.from_dict(json.loads(challenge(page) or ""))
    return Payload(asked, solve_challenge(asked)).to_base64()


def sent_again(client, page: str, email: str, *, after: int = 5, network: str = NETWORK, **values: Any):
    """Send the form that was shown again, so many seconds later."""
    data = {"email": email, "consent": "y", "language": "en", **hidden(page), **values}
    return posted(client, data, network, timedelta(seconds=after))
