"""What a suspicious form has to bring: a proof of work (altcha's protocol), or a wait for whoever has no scripts.

Both are signed with our key, end after an hour, and are good for one form: what was used is kept as a counter.
"""

import json
import secrets
from datetime import timedelta

from altcha import Payload, create_challenge, verify_solution

from crm.base import clock, limits, signing

LIFE = timedelta(hours=1)
KEPT = timedelta(days=1)  # Longer than LIFE, so that nothing is used twice.
ALGORITHM, ITERATIONS = "PBKDF2/SHA-256", 5_000
LEAST_KEYS, MOST_KEYS = 200, 800  # That a browser has to derive: about a second at a desk, some on a phone.
LONGEST = 4_000  # Characters of a solution; ours have about 900.
WAIT = 20  # Seconds.
WAITS = (3, timedelta(hours=1))  # For one network: waiting costs a robot nothing but time.


def challenge() -> str:
    """Return a new challenge, as JSON for altcha's widget."""
    made = create_challenge(
        ALGORITHM,
        ITERATIONS,
        counter=LEAST_KEYS + secrets.randbelow(MOST_KEYS - LEAST_KEYS),
        expires_at=clock.now() + LIFE,
        hmac_secret=signing.key("form_challenge"),
        hmac_key_secret=signing.key("form_solution"),
    )
    return json.dumps(made.to_dict())


def solved(payload: str) -> bool:
    """Use a solution up; returns whether it was one of ours, in time, and not used before."""
    if not payload or len(payload) > LONGEST:
        return False
    keys = signing.key("form_challenge"), signing.key("form_solution")
    try:
        if not verify_solution(payload, keys[0], hmac_key_secret=keys[1]).verified:
            return False
    except (AttributeError, TypeError, ValueError):  # Of hostile JSON, whose values have other types.
        return False
    return limits.first(f"form-proof:{Payload.from_base64(payload).challenge.parameters.nonce}", KEPT)


def ticket() -> str:
    """Return what lets a form through once WAIT seconds are over."""
    return signing.sign("form_wait", secrets.token_hex(8), dated=True)


def seconds_left(ticket: str) -> int | None:
    """Return how long a ticket still has to wait; None where it is too old or not ours."""
    try:
        _, age = signing.read_dated("form_wait", ticket)
    except signing.InvalidToken:
        return None
    return max(0, WAIT - int(age)) if age <= LIFE.total_seconds() else None


def waited(ticket: str, network: str) -> bool:
    """Use a ticket up; returns whether its wait is over, it was not used before, and the network has waits left."""
    return (
        seconds_left(ticket) == 0
        and may_wait(network)
        and limits.first(f"form-ticket:{ticket[-22:]}", KEPT)
        and limits.allow(_waits(network), *WAITS)
    )


def may_wait(network: str) -> bool:
    """Tell whether somebody of the network may still get through by waiting, this hour."""
    most, per = WAITS
    return limits.tries(_waits(network), per) < most


def _waits(network: str) -> str:
    return f"form-waits:{network}"
