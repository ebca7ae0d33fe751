"""How long does the report of a mailing to 100,000 people take, and its other pages?

Half of the contacts got it. One in a hundred copies came back or was refused, one in fifty people left, one in ten
followed a link, a thousand signed up by it, and the year has a hundred mailings. A JSON line for each page.

    python -m bench.mailing_report [--copies 100000] [--times 5] [--databases sqlite postgresql]
"""

import argparse
import statistics
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import String, case, cast, insert, literal, select, true, update

from bench import segments, stage
from bench.influencer_pages import Browser, browser_of
from crm.base import clock
from crm.base.columns import Json, UtcDateTime
from crm.contacts import consent, sources
from crm.contacts.models import ConsentRecord, Contact, Subscription
from crm.contacts.sources import Trail
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings.models import Mailing, MailingLink
from crm.mailings.reading import trails
from crm.mailings.reading.models import MailingClick
from crm.mailings.report import figures
from crm.mailings.report.models import MailingFigures

GOAL_MS = 1000.0
LINKS, HOURS, BROUGHT, YEAR = 12, 72, 1000, 100
PAGES = ("", "/delivered", "/bounced", "/unsubscribed", "/acted", "/clicked", "/joined")


def main() -> bool:
    """Measure on each database, print JSON lines, and return whether all goals were met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    asked = parser.parse_args()
    with stage.folder() as place:
        kept = [measure(kind, place, asked.copies, asked.times) for kind in asked.databases]
    return all(kept)


def measure(kind: str, place: Path, copies: int, times: int) -> bool:
    """Fill a database, open each page again and again; return whether all were quick enough."""
    with stage.installation(kind, place, 1) as made:
        mailing_id = segments.fill(2 * copies)[0]
        _came_of(mailing_id)
        _year(mailing_id)
        begun = time.monotonic()
        figures.count_due()
        stage.tell(bench="mailing_report", database=kind, counting_four_ms=round((time.monotonic() - begun) * 1000))
        browser = browser_of(made.app, 1)
        addresses = [f"/staff/mailings/{mailing_id}/report{page}" for page in PAGES]
        addresses += [f"/staff/mailings/{mailing_id}", "/staff/mailings/report/?sort=clicked"]
        quick = [_quick(kind, copies, browser, address, times) for address in addresses]
        return all(quick)


def _quick(kind: str, copies: int, browser: Browser, address: str, times: int) -> bool:
    lengths, cpu = [], []
    for _ in range(times + 1):
        begun, used = time.monotonic(), time.process_time()
        answer = browser.get(address)
        lengths.append((time.monotonic() - begun) * 1000)
        cpu.append((time.process_time() - used) * 1000)  # Of SQLite, which is in it.
        assert answer.status_code == 200, (address, answer.status)
    facts = {"first_ms": round(lengths[0]), "median_ms": round(statistics.median(lengths[1:]))}
    facts |= {"own_cpu_ms": round(statistics.median(cpu[1:]))}
    page = address.partition("?")[0]
    stage.tell(bench="mailing_report", database=kind, copies=copies, page=page, **facts, slowest_ms=round(max(lengths)))
    return max(lengths[1:]) <= GOAL_MS


def _came_of(mailing_id: int) -> None:
    """Let people bounce, leave, click and sign up after the mailing. Commits."""
    mailing = db.session.get_one(Mailing, mailing_id)
    (message_id,), at = mailing.message_ids, mailing.released_at or clock.now()
    here = Delivery.message_id == message_id
    db.session.execute(update(Delivery).where(here, Delivery.id % 200 == 1).values(state="failed", sent_at=None))
    returned = {
        "created_at": literal(at, UtcDateTime),
        "digest": cast(Delivery.id, String),
        "number": literal(0),
        "source": literal("mail"),
        "kind": case((Delivery.id % 400 == 2, "complaint"), else_="hard"),
        "status": literal("5.1.1"),
        "recipient": literal(""),
        "attribution": literal("verp"),
        "effect": literal("suppressed"),
        "delivery_id": Delivery.id,
        "message_id": Delivery.message_id,
        "address_hash": Delivery.address,
        "diagnostic": literal(""),
        "text": literal(""),
    }
    rows = select(*(column.label(name) for name, column in returned.items())).where(here, Delivery.id % 200 == 2)
    db.session.execute(insert(Bounce).from_select(list(returned), rows, include_defaults=False))
    _leave(mailing, at + timedelta(days=1))
    for number in range(1, LINKS + 1):
        mailing.links.append(MailingLink(number=number, url=f"https://crm.example/actions/{number}"))
    db.session.flush()
    db.session.execute(insert(MailingClick), _clicks(mailing, at))
    code = trails.code(mailing_id)
    for number in range(1, LINKS + 1):
        source = sources.of_visit(Trail(via=code, utm_campaign=code, utm_content=f"{number}-en"))
        some = Contact.id % (2 * BROUGHT * LINKS) == number
        db.session.execute(update(Contact).where(some).values(source_id=source, confirmed_at=at + timedelta(days=2)))
    db.session.commit()


def _leave(mailing: Mailing, at: datetime) -> None:
    """Let one in fifty of all contacts leave its topic, each of whom has agreed to it before."""
    left = Contact.id % 50 == 8
    values = {
        "contact_id": Contact.id,
        "address_hash": Contact.address_hash,
        "at": literal(at, UtcDateTime),
        "act": literal("withdrawn"),
        "purpose": literal(consent.PURPOSE),
        "topics": literal(mailing.topic.slug),
        "method": literal("one_click"),
        "place": literal(""),
        "actor": literal(""),
        "evidence": literal({"all": False}, Json),
    }
    agreed = values | {"act": literal("given"), "at": literal(at - timedelta(days=300), UtcDateTime)}
    for columns, some in ((agreed, true()), (values, left)):
        rows = select(*(column.label(name) for name, column in columns.items())).where(some)
        db.session.execute(insert(ConsentRecord).from_select(list(columns), rows, include_defaults=False))
    gone = update(Subscription).where(Subscription.topic_id == mailing.topic_id, Subscription.contact_id % 50 == 8)
    db.session.execute(gone.values(state="unsubscribed", since=at))


def _clicks(mailing: Mailing, at: Any) -> list[dict[str, Any]]:
    first = at.replace(minute=0, second=0, microsecond=0)
    numbers = {"clicks": 14, "visitors": 12, "newcomers": 11}
    return [
        {"link_id": link.id, "hour": first + timedelta(hours=hour), "language": "en", "variant": "", "robot": robot}
        | numbers
        for link in mailing.links
        for hour in range(HOURS)
        for robot in (False, True)
    ]


def _year(mailing_id: int) -> None:
    """Write other mailings of the year with their numbers. Commits."""
    model = db.session.get_one(Mailing, mailing_id)
    facts = {"kind": model.kind, "topic_id": model.topic_id, "audience": model.audience, "state": "finished"}
    for number in range(YEAR):
        at = clock.now() - timedelta(days=number)
        mailing = Mailing(subject=f"Letter {number}", released_at=at, finished_at=at, **facts)
        db.session.add(mailing)
        db.session.commit()
        segments.message_of(mailing.id, at)
        numbers = dict.fromkeys(("complained", "unsubscribed", "bounced", "held", "acts", "clicks", "joined"), number)
        numbers |= {"tried": 1000, "delivered": 990, "clicked": 2 * number, "acted": number}
        db.session.add(MailingFigures(mailing_id=mailing.id, counted_at=clock.now(), **numbers))
    db.session.commit()


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
