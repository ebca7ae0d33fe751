"""Can the forms of visitors be turned against somebody, or made to tell who is known?

Posts whole forms to an installation of its own, to the sign-up and to a petition by turns, as robots that know how to
fill them in:

- one victim, 10,000 posts from 500 addresses: at most 3 mails go to it;
- 10,000 victims, from one address: at most 10 mails go out;
- 1,000 pairs of a known and an unknown address, in random order: the same status, headers and body, and times that a
  Mann–Whitney test cannot tell apart (p > 0.01).

Prints one line of JSON for each database, and ends with 1 where one of these does not hold.

    python -m bench.bombing [sqlite] [postgresql]
"""

import logging
import math
import os
import random
import sys
import time
from collections.abc import Sequence
from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from bench import stage
from crm.actions.models import Action
from crm.base import clock
from crm.contacts import spam, wordings
from crm.contacts.models import Contact, Subscription, Topic
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.organizations.models import Coalition

POSTS = int(os.environ.get("BENCH_POSTS", "10000"))
NETWORKS = int(os.environ.get("BENCH_NETWORKS", "500"))
PAIRS = int(os.environ.get("BENCH_PAIRS", "1000"))
FORMS = ("/signup", "/actions/licenses")
VICTIM = "victim@mail.example"
ITS_OWN = ("Date", "X-Request-ID")  # Headers that no two answers share.
MOST_TO_ONE, MOST_AN_HOUR, LEAST_P = 3, 10, 0.01


def main(kinds: Sequence[str]) -> int:
    """Measure on each database; returns 1 where a bound was missed."""
    logging.disable(logging.WARNING)
    results = [trial(kind) for kind in kinds or stage.KINDS]
    return 0 if all(results) else 1


def trial(kind: str) -> bool:
    """Post everything to one installation, and tell what came of it."""
    with (
        stage.folder() as place,
        stage.installation(kind, place, stage.free_port(), TRUSTED_PROXIES="0", FORMS_RUSH="0") as made,
    ):
        prepare()
        told = {**one_victim(made.app), **one_network(made.app), **pairs(made.app)}
    kept = told["mails_to_victim"] <= MOST_TO_ONE and told["mails_of_network"] <= MOST_AN_HOUR
    good = bool(kept and told["errors"] == 0 and told["alike"] and told["p"] > LEAST_P)
    stage.tell(database=kind, **told, good=good)
    return good


def prepare() -> None:
    """Set the coalition up, with a topic, its wording and a petition."""
    sender = {"sender_name": "Bridgeway", "sender_email": "news@bridgeway.example", "postal_address": "12 Harbor St"}
    db.session.add(Coalition(name="Bridgeway Coalition", set_up_at=clock.now(), **sender))
    db.session.add(Topic(slug="action-alerts", names={"en": "Action alerts"}, descriptions={}, default=True))
    wordings.adopt("Bridgeway Coalition", "Alice Admin")
    titles = {"en": "Licenses for nurses trained abroad"}
    db.session.add(Action(slug="licenses", kind="petition", state="published", published_at=clock.now(), titles=titles))
    db.session.commit()


def one_victim(app: Flask) -> dict[str, float]:
    """Post the same address from many networks, within an hour."""
    client, statuses = app.test_client(), []
    for number in range(POSTS):
        network = number % NETWORKS
        statuses.append(post(client, VICTIM, f"10.{network // 250}.{network % 250}.7", number).status_code)
    errors = sum(status not in (303, 422, 429) for status in statuses)
    return {"posts": POSTS, "mails_to_victim": mails(Delivery.address == VICTIM), "errors": errors}


def one_network(app: Flask) -> dict[str, float]:
    """Post many addresses from one network, within an hour."""
    client = app.test_client()
    with time_machine.travel(next_hour(), tick=True):
        for number in range(POSTS):
            post(client, f"bombed{number}@mail.example", "192.0.2.7", number)
    return {"victims": POSTS, "mails_of_network": mails(Delivery.address.like("bombed%"))}


def pairs(app: Flask) -> dict[str, float]:
    """Post known and unknown addresses in random order, each from a network of its own."""
    known(app)
    client, dice = app.test_client(), random.Random(20261129)
    took: dict[bool, list[float]] = {True: [], False: []}
    answers: dict[str, set[tuple[object, ...]]] = {form: set() for form in FORMS}
    order = [(number, there) for number in range(PAIRS) for there in (True, False)]
    dice.shuffle(order)
    for place, (number, there) in enumerate(order):
        address = f"{'known' if there else 'stranger'}{number}@mail.example"
        begun = time.perf_counter()
        answer = post(client, address, f"100.{place // 250}.{place % 250}.7", number)
        took[there].append(time.perf_counter() - begun)
        told = sorted((name, value) for name, value in answer.headers if name not in ITS_OWN)
        answers[FORMS[number % len(FORMS)]].add((answer.status_code, answer.get_data(), tuple(told)))
    middle = {there: round(sorted(times)[len(times) // 2] * 1000, 2) for there, times in took.items()}
    return {
        "pairs": PAIRS,
        "alike": all(len(told) == 1 for told in answers.values()),
        "p": round(mann_whitney(took[True], took[False]), 4),
        "known_ms": middle[True],
        "unknown_ms": middle[False],
    }


def known(app: Flask) -> None:
    """Let half of the pairs be confirmed subscribers."""
    topic = db.session.scalars(select(Topic)).one()
    for number in range(PAIRS):
        person = Contact(email=f"known{number}@mail.example", confirmed_at=clock.now())
        person.subscriptions = [Subscription(topic=topic, state="active", since=clock.now())]
        db.session.add(person)
    db.session.commit()


def post(client: FlaskClient, address: str, network: str, number: int) -> TestResponse:
    """Send a form that was open for ten seconds."""
    path = FORMS[number % len(FORMS)]
    with time_machine.travel(clock.now() - timedelta(seconds=10), tick=False):
        stamp = spam.stamp(1)  # The number of the only wording.
    values = {"email": address, "language": "en", "consent": "y", "shown": "none", "stamp": stamp, "place": path}
    values |= {"first_name": "Amina", "last_name": "Odeh"}
    return client.post(path, data=values, environ_overrides={"REMOTE_ADDR": network})


def next_hour() -> float:
    """Return a moment of an hour in which nothing was posted."""
    return (clock.now() + timedelta(hours=2)).timestamp()


def mails(which: object) -> int:
    number = db.session.scalar(select(func.count()).select_from(Delivery).where(which))  # type: ignore[arg-type]
    db.session.rollback()  # An open transaction would be in the way of the next post.
    return int(number or 0)


def mann_whitney(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the two-sided p of the test of Mann and Whitney (1947) for samples so large that U is normal."""
    ranked = sorted([(value, True) for value in one] + [(value, False) for value in other])
    ranks = sum(place for place, (_, mine) in enumerate(ranked, 1) if mine)
    first, second = len(one), len(other)
    u = ranks - first * (first + 1) / 2
    deviation = math.sqrt(first * second * (first + second + 1) / 12)
    return math.erfc(abs(u - first * second / 2) / deviation / math.sqrt(2))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
