"""When a deferred delivery is tried again, and when it is given up."""

import random
from datetime import datetime, timedelta

FIRST = timedelta(minutes=1)
LONGEST = timedelta(hours=4)
GIVE_UP = timedelta(hours=72)
LEAST_ATTEMPTS = 10  # Some eight hours of them; a pause or an outage may have taken up the rest of the time.
MOST_RESENDS = 5

# Seconds that the mail server (or a refused sender) rests after each failure in a row. The first costs nothing,
# because servers close connections as they please; the last keeps the way back after an outage short.
RESTS = (0, 1, 2, 4, 8, 15, 30)
SENDER_REST = 60
LONGEST_SENDER_REST = 600


def next_attempt(now: datetime, attempts: int) -> datetime:
    """Return when to try again after so many attempts: doubling from a minute, at most 4 hours, ±20 %."""
    pause = min(FIRST * 2 ** min(attempts - 1, 20), LONGEST)
    return now + pause * random.uniform(0.8, 1.2)  # noqa: S311  Spreads load; guards nothing.


def is_over(now: datetime, first_tried_at: datetime | None, attempts: int) -> bool:
    """Return whether a delivery was tried often enough for 72 hours (RFC 5321 §4.5.4.1 asks for 4–5 days at most)."""
    return first_tried_at is not None and now - first_tried_at >= GIVE_UP and attempts >= LEAST_ATTEMPTS


def rest_seconds(failures: int) -> int:
    """Return how long the mail server rests after so many failures in a row."""
    return RESTS[min(failures, len(RESTS)) - 1]


def sender_rest_seconds(failures: int) -> int:
    """Return how long a sender address rests that the server has refused so often in a row."""
    return min(SENDER_REST * 2 ** min(failures - 1, 8), LONGEST_SENDER_REST)
