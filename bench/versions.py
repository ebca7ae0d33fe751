"""Is the better of two versions of a mailing found, and is none found where there is none?

A mailing to 20,000 people: a fifth get one of two versions, and click with known chances. With a difference of four in
a hundred the better one has to be found in at least four of five trials; without, at most one in ten may find one.

    python -m bench.versions [--people 20000] [--trials 50] [--databases sqlite postgresql]
"""

import argparse
import random
import sys
from datetime import timedelta
from pathlib import Path

import time_machine
from sqlalchemy import delete, insert, select, update

from bench import stage
from crm.base import clock, wall_clock
from crm.contacts.models import Contact, Subscription, Topic
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import composing, scheduling
from crm.mailings.comparing import deciding, pairing
from crm.mailings.models import Mailing, MailingLink
from crm.mailings.reading.models import MailingClick
from crm.organizations.models import Coalition

CLICKS, BETTER = 0.10, 0.14
FOUND, FALSE = 0.8, 0.1  # of the trials


def main() -> bool:
    """Run it on each database, print a JSON line each, and return whether the bounds were kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    asked = parser.parse_args()
    with stage.folder() as place:
        kept = [_trial(kind, place, asked.people, asked.trials) for kind in asked.databases]
    return all(kept)


def _trial(kind: str, place: Path, people: int, trials: int) -> bool:
    dice = random.Random(11)
    with stage.installation(kind, place, stage.free_port()):
        mailing = _released(people)
        asked = {one.variant: one.sent for one in deciding.results(mailing)}
        found = [_decided(mailing, {"": CLICKS, "b": BETTER}, asked, dice) for _ in range(trials)]
        none = [_decided(mailing, {"": CLICKS, "b": CLICKS}, asked, dice) for _ in range(trials)]
        rest = _rest(mailing, asked, dice)
    right, false = found.count("b") / trials, sum(winner != "" for winner in none) / trials
    kept = right >= FOUND and found.count("a") == 0 and false <= FALSE and rest
    told = {"people": people, "asked": sum(asked.values()), "trials": trials, "right": right, "wrong": found.count("a")}
    stage.tell(bench="versions", database=kind, **told, found_where_none_is=false, rest_got_the_better=rest, kept=kept)
    return kept


def _released(people: int) -> Mailing:
    """Return a mailing with two versions, of which both halves of a fifth of the people have a copy."""
    sender = {"sender_name": "Bridgeway", "sender_email": "news@bridgeway.example"}
    db.session.add(Coalition(name="Bridgeway", postal_address="1 Main Street, Ann Arbor, MI 48104", **sender))
    topic = db.session.scalars(select(Topic)).first()
    if topic is None:
        topic = Topic(slug="action-alerts", names={"en": "Action alerts"}, descriptions={}, position=1)
        db.session.add(topic)
    db.session.add_all([Contact(email=f"p{number}@mail.example") for number in range(people)])
    db.session.flush()
    ids = db.session.scalars(select(Contact.id)).all()
    active = {"topic_id": topic.id, "state": "active", "since": clock.now()}
    db.session.execute(insert(Subscription), [{"contact_id": one, **active} for one in ids])
    content = {"kind": "newsletter", "subject": "A", "preheader": "x", "body": "Read https://bridgeway.example/report"}
    mailing = composing.create(content | {"topic_id": topic.id, "audience": {"people": "topic"}}, by="bench")
    pairing.begin(mailing, composing.copy(mailing, by="bench"), people)
    db.session.commit()
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    db.session.execute(update(Delivery).values(state="sent", sent_at=clock.now()))
    db.session.commit()
    return db.session.get_one(Mailing, mailing.id, populate_existing=True)


def _click(mailing: Mailing, chances: dict[str, float], asked: dict[str, int], dice: random.Random) -> None:
    link = db.session.scalars(select(MailingLink.id).where(MailingLink.mailing_id == mailing.id)).first()
    db.session.execute(delete(MailingClick))
    for variant, chance in chances.items():
        number = sum(dice.random() < chance for _ in range(asked[variant]))
        where = {"link_id": link, "hour": clock.now(), "language": "en", "variant": variant, "robot": False}
        db.session.execute(insert(MailingClick), {**where, "clicks": number, "visitors": number, "newcomers": number})
    db.session.commit()


def _decided(mailing: Mailing, chances: dict[str, float], asked: dict[str, int], dice: random.Random) -> str:
    """Return which version is found better: a, b, or none."""
    _click(mailing, chances, asked, dice)
    variant, words = deciding.verdict(deciding.results(mailing))
    return "" if words.startswith("No difference") else variant or "a"


def _rest(mailing: Mailing, asked: dict[str, int], dice: random.Random) -> bool:
    """Let the time pass; return whether the rest got the better version, and everybody one copy."""
    _click(mailing, {"": CLICKS, "b": 2 * BETTER}, asked, dice)
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        deciding.decide_due()
        scheduling.release_due()
    numbers = [one.message_id for one in mailing.messages if one.variant == "b"]
    rows = db.session.execute(select(Delivery.message_id, Delivery.address)).all()
    once = len({address for _, address in rows}) == len(rows)
    return once and sum(number in numbers for number, _ in rows) == len(rows) - asked[""]


if __name__ == "__main__":
    sys.exit(not main())
