"""Can the forms of visitors be turned against somebody, or made to tell who is known?

Posts whole forms to an installation of its own, to the sign-up and to a petition by turns, as robots that know how to
fill them in, each kind within one hour:

- one victim, 10,000 posts from 500 networks: exactly 3 mails go to it; 7 forms of each network are taken, the others
  are shown again with a check;
- 10,000 victims, from one network that does the work of each check: exactly 10 mails go out; 10 forms are taken, 3 of
  them checked, all others are told to come later;
- 1,000 pairs of a known and an unknown address, in random order: the same status, headers and body, and times that a
  Mann–Whitney test cannot tell apart (p > 0.01).

The check of a rush over all networks is off (FORMS_RUSH=0), or it alone would stop the posts; see docs/scaling.md.
Prints one line of JSON for each database, and ends with 1 where one of these does not hold.

    python -m bench.bombing [sqlite] [postgresql]
"""

import html
import json
import logging
import math
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import time_machine
from altcha import Challenge, Payload, solve_challenge
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
TO_ONE, AN_HOUR, UNCHECKED, LEAST_P = 3, 10, 7, 0.01
# What an answer says by its status; there is no other.
WORDS = {303: "", 422: "so each is checked", 429: "Too many forms came from your network."}


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
    mails_as_said = told["mails_to_victim"] == TO_ONE and told["mails_of_network"] == AN_HOUR
    answers_as_said = told["victim_answers"] == of_victim() and told["network_answers"] == of_network()
    alike = told["alike"] and told["p"] > LEAST_P
    words_as_said = not told["victim_wrong"] and not told["network_wrong"]
    good = bool(mails_as_said and answers_as_said and words_as_said and alike)
    stage.tell(database=kind, rush="off", **told, good=good)
    return good


def of_victim() -> dict[int, int]:
    """Return how many answers of each status the posts to one victim get."""
    each = Counter(number % NETWORKS for number in range(POSTS))
    taken = sum(min(UNCHECKED, posts) for posts in each.values())
    return {303: taken, 422: POSTS - taken}


def of_network() -> dict[int, int]:
    """Return how many answers of each status one network gets that passes each check."""
    return {303: AN_HOUR, 422: AN_HOUR - UNCHECKED, 429: POSTS - AN_HOUR}


def prepare() -> None:
    """Set the coalition up, with a topic, its wording and a petition."""
    sender = {"sender_name": "Bridgeway", "sender_email": "news@bridgeway.example", "postal_address": "12 Harbor St"}
    db.session.add(Coalition(name="Bridgeway Coalition", set_up_at=clock.now(), **sender))
    db.session.add(Topic(slug="action-alerts", names={"en": "Action alerts"}, descriptions={}, default=True))
    wordings.adopt("Bridgeway Coalition", "Alice Admin")
    titles = {"en": "Licenses for nurses trained abroad"}
    db.session.add(Action(slug="licenses", kind="petition", state="published", published_at=clock.now(), titles=titles))
    db.session.commit()


def one_victim(app: Flask) -> dict[str, Any]:
    """Post the same address from many networks, within an hour."""
    client, answers, wrong = app.test_client(), Counter[int](), 0
    with time_machine.travel(next_hour(), tick=True):
        for number in range(POSTS):
            network = number % NETWORKS
            answer = post(client, VICTIM, f"10.{network // 250}.{network % 250}.7", number)
            answers[answer.status_code] += 1
            wrong += not as_said(answer)
    to_victim = mails(Delivery.address == VICTIM)
    return {"posts": POSTS, "mails_to_victim": to_victim, "victim_answers": dict(answers), "victim_wrong": wrong}


def one_network(app: Flask) -> dict[str, Any]:
    """Post many addresses from one network, within an hour; what has to pass a check passes it."""
    client, answers, wrong = app.test_client(), Counter[int](), 0
    with time_machine.travel(next_hour(), tick=True):
        for number in range(POSTS):
            address = f"bombed{number}@mail.example"
            answer = post(client, address, "192.0.2.7", number)
            answers[answer.status_code] += 1
            wrong += not as_said(answer)
            if answer.status_code == 422:
                answers[post(client, address, "192.0.2.7", number, altcha=solved(answer.text)).status_code] += 1
    sent = mails(Delivery.address.like("bombed%"))
    return {"victims": POSTS, "mails_of_network": sent, "network_answers": dict(answers), "network_wrong": wrong}


def as_said(answer: TestResponse) -> bool:
    """Tell whether an answer is one of those that there are, in its words."""
    return answer.status_code in WORDS and WORDS[answer.status_code] in answer.text


def solved(page: str) -> str:
    """Do the work that the page asks for, as the widget in a browser does."""
    asked = re.search(r'data-check="([^"]+)"', page)
    assert asked, page
    challenge = Challenge.from_dict(json.loads(html.unescape(asked[1])))
    return str(Payload(challenge, solve_challenge(challenge)).to_base64())


def pairs(app: Flask) -> dict[str, Any]:
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
        "alike": all(len(told) == 1 and {status for status, *_ in told} == {303} for told in answers.values()),
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


def post(client: FlaskClient, address: str, network: str, number: int, **more: str) -> TestResponse:
    """Send a form that was open for ten seconds."""
    path = FORMS[number % len(FORMS)]
    with time_machine.travel(clock.now() - timedelta(seconds=10), tick=False):
        stamp = spam.stamp(1)  # The number of the only wording.
    values = {"email": address, "language": "en", "consent": "y", "shown": "none", "stamp": stamp, "place": path}
    values |= {"first_name": "Amina", "last_name": "Odeh", **more}
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
