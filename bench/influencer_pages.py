"""How long do the pages of influencers take with 5,000 of them, 20,000 asks, 200,000 interactions, a million contacts?

Each page is asked of the whole application by a browser that is logged in, as an admin of the coalition and as an
organizer of a member. A line tells how many questions a page asks the database at most, and the median and the slowest
of its times, each first one left aside. Pages of one influencer or ask are asked for different ones, the busiest first.

    python -m bench.influencer_pages [--contacts 1000000] [--influencers 5000] [--asks 20000] [--interactions 200000]
        [--acquaintances 50000] [--tasks 20000] [--times 10] [--pages board ledger …] [--databases sqlite postgresql]
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, select

from bench import population, stage
from bench.population import Sizes
from crm.accounts import sessions
from crm.accounts.models import User
from crm.base import garbage
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Ask, Influencer

GOAL_MS, MOST_QUERIES = 300.0, 15
# Name and address; {influencer} and {ask} stand for one that the user sees, each time another.
PAGES = [
    ("dashboard", "/staff/"),
    ("dashboard of all", "/staff/?whose=all"),
    ("my day", "/staff/day/"),
    ("the day of all", "/staff/day/?whose=all"),
    ("overdue of all", "/staff/day/overdue?whose=all"),
    ("log", "/staff/log/"),
    ("board", "/staff/influencers/board"),
    ("board by owner", "/staff/influencers/board?lanes=owner"),
    ("influencers", "/staff/influencers/"),
    ("influencers by last interaction", "/staff/influencers/?sort=last&order=desc"),
    ("influencers by words", "/staff/influencers/?q=chair+garcia"),
    ("influencers, last page", "/staff/influencers/?page=999"),
    ("chart", "/staff/influencers/chart"),
    ("profile", "/staff/influencers/{influencer}"),
    ("briefing", "/staff/influencers/{influencer}/briefing"),
    ("history", "/staff/influencers/{influencer}/history"),
    ("edit", "/staff/influencers/{influencer}/edit"),
    ("who knows", "/staff/network/people/{influencer}"),
    ("proposed", "/staff/network/proposed"),
    ("offices", "/staff/influencers/offices/"),
    ("ledger", "/staff/asks/"),
    ("ledger by influencer", "/staff/asks/?sort=influencer&state=open"),
    ("ledger by words", "/staff/asks/?q=forum+garcia&overdue=1"),
    ("ledger, last page", "/staff/asks/?page=999"),
    ("ask", "/staff/asks/{ask}"),
    ("report", "/staff/asks/report"),
    ("stages", "/staff/settings/stages/"),
]
USERS = {"admin of the coalition": 1, "organizer of a member": 2}


def main() -> bool:
    """Measure on each database, print a JSON line a page, and return whether all goals were met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in asdict(Sizes()).items():
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--pages", nargs="+", default=[name for name, _ in PAGES])
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    asked = parser.parse_args()
    sizes = Sizes(**{name: getattr(asked, name) for name in asdict(Sizes())})
    with stage.folder() as place:
        kept = [measure(kind, place, sizes, asked.times, asked.pages) for kind in asked.databases]
    return all(kept)


def measure(kind: str, place: Path, sizes: Sizes, times: int, pages: list[str]) -> bool:
    """Fill a database, ask for the pages as each user, and tell of each; return whether all goals were met."""
    kept = []
    with stage.installation(kind, place, stage.free_port()) as made:
        begun = time.monotonic()
        population.fill(sizes)
        stage.tell(bench="influencer_pages", database=kind, **asdict(sizes), fill_s=round(time.monotonic() - begun, 1))
        garbage.leave_out_what_is_loaded()  # As every process of the program does.
        for who, user_id in USERS.items():
            browser, numbers = browser_of(made.app, user_id), _numbers(user_id, times + 1)
            for name, address in PAGES:
                if name in pages:
                    facts = _ask(browser, [address.format(**each) for each in numbers])
                    if facts["status"] == 403:  # A page for admins.
                        continue
                    stage.tell(bench="influencer_pages", database=kind, user=who, page=name, **facts)
                    kept.append(facts["slowest_ms"] <= GOAL_MS and facts["queries"] <= MOST_QUERIES)
    return all(kept)


def _ask(browser: Any, addresses: list[str]) -> dict[str, Any]:
    lengths, queries, status, size = [], [], 0, 0
    for address in addresses:
        with _counted() as asked:
            begun = time.monotonic()
            answer = browser.get(address)
            lengths.append((time.monotonic() - begun) * 1000)
        assert answer.status_code in (200, 403), f"{address}: {answer.status}"
        queries, status, size = [*queries, len(asked)], answer.status_code, max(size, len(answer.data))
    median, slowest = statistics.median(lengths[1:]), max(lengths[1:])
    found = {"queries": max(queries[1:]), "median_ms": round(median, 1), "slowest_ms": round(slowest, 1)}
    return {**found, "kilobytes": round(size / 1024), "status": status}


@contextmanager
def _counted() -> Iterator[list[str]]:
    """Yield the list that the questions to the database come into; a BEGIN is none."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement != "BEGIN":
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def browser_of(app: Flask, user_id: int) -> "Browser":
    """Return a browser in which that user is logged in."""
    user = db.session.get_one(User, user_id)
    values = {**sessions.opened(user), "_user_id": user.get_id(), "_fresh": True}
    db.session.commit()
    app.config.update(WTF_CSRF_ENABLED=False, SESSION_COOKIE_SECURE=False)
    browser = Browser(app)
    with browser.client.session_transaction() as session:
        session.update(values)
    return browser


class Browser:
    """A test client each of whose requests has an application context of its own, as on a server."""

    def __init__(self, app: Flask) -> None:
        self.app, self.client = app, app.test_client()

    def get(self, address: str) -> Any:
        with self.app.app_context():
            return self.client.get(address, buffered=True)


def _numbers(user_id: int, times: int) -> list[dict[str, int]]:
    """Return so many influencers and asks that the user sees: the first of all, and others far between."""
    user = db.session.get_one(User, user_id)
    people = db.session.scalars(select(Influencer.id).where(access.influencers(user)).order_by(Influencer.id)).all()
    asks = db.session.scalars(select(Ask.id).where(access.asks(user)).order_by(Ask.id)).all()
    db.session.commit()
    half = times // 2
    people = [*people[: times - half], *people[half :: max(1, len(people) // half)]][:times]
    asks = [*asks[:: max(1, len(asks) // times)]][:times]
    return [{"influencer": person, "ask": ask} for person, ask in zip(people, asks, strict=False)]


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
