"""Do scanners of mail change anything, or count as people?

A thousand copies of a mailing are made, with all that a copy links to: counted links (of those who agreed to be seen,
their own), the public page, the page to forward it from, the sign-up, the preferences and the way to unsubscribe.
100,000 requests follow them, as scanners do: GET, HEAD and OPTIONS, by names of their own, and by those of browsers in
bursts; some pages are rendered with JavaScript in Chromium. Every table is the same afterwards but the counts, and of
these none is a person's. Then 1,000 people follow one link each, minutes apart, and each is counted.

Prints one line of JSON for each database, and ends with 1 where something changed or a person was not counted.

    python -m bench.scanners [sqlite] [postgresql]
"""

import logging
import os
import random
import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import sync_playwright
from sqlalchemy import insert, select
from werkzeug.serving import make_server

from bench import stage
from crm.base import clock
from crm.contacts import wordings
from crm.contacts.click_consent import agreeing
from crm.contacts.models import Contact, Subscription, Topic
from crm.delivery.models import Delivery
from crm.delivery.press import Press
from crm.extensions import db
from crm.mailings import composing, releasing
from crm.mailings.models import Mailing
from crm.mailings.reading import clicks
from crm.mailings.reading.models import ClickVisit, ClickVisitor, MailingClick
from crm.organizations.models import Coalition

REQUESTS = int(os.environ.get("BENCH_REQUESTS", "100000"))
COPIES = int(os.environ.get("BENCH_COPIES", "1000"))
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "1000"))
RENDERED = int(os.environ.get("BENCH_RENDERED", "12"))
SEEN = 0.1  # The share of those who agreed to be seen.
CHROMIUM = "/usr/bin/chromium"
# What a click may change; all other tables must be the same.
COUNTS = {MailingClick.__tablename__, ClickVisitor.__tablename__, ClickVisit.__tablename__}
NAMED = (
    "Barracuda Sentinel (EE)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 HeadlessChrome/120.0 Safari/537.36",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)",
    "python-requests/2.32.3",
    "Go-http-client/2.0",
    "curl/8.5.0",
    "",
)
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
)
BODY = "\n\n".join(
    f"[{words}](https://bridgeway.example/{words})" for words in ("act", "report", "map", "join", "bill")
)
LINK = re.compile(r"https?://crm\.example(/[^\s\"<>)]*)")


def main(kinds: Sequence[str]) -> int:
    results = [trial(kind) for kind in kinds]
    return 0 if all(results) else 1


def trial(kind: str) -> bool:
    """Measure on one database; return whether nothing was missed."""
    with stage.folder() as place, stage.installation(kind, place, stage.free_port(), TRUSTED_PROXIES="0") as made:
        made.app.config["WTF_CSRF_ENABLED"] = False
        mailing_id = prepare()
        copies = links_of_copies(made.app)
        with time_machine.travel(clock.now() + timedelta(hours=1)):
            made.app.test_client().get("/healthz")  # The first request leaves the fingerprint of the key.
            before = snapshot()
            begun = time.monotonic()
            sent = scan(made.app.test_client(), copies)
            seconds = time.monotonic() - begun
            rendered = render(made.app, copies) if RENDERED else 0
            changed = sorted(name for name, rows in snapshot().items() if rows != before[name])
            found = count(mailing_id)
            counted = follow(made.app.test_client(), copies)
            people = count(mailing_id)
        good = not changed and found.total == found.known == 0 and counted == people.total == people.unique == PEOPLE
        stage.tell(
            measurement="scanners",
            database=kind,
            copies=len(copies),
            links=len({link for links in copies for link in links}),
            requests=sent,
            rendered_in_chromium=rendered,
            requests_a_second=round(REQUESTS / seconds),
            tables_changed=changed,
            clicks_counted_as_a_persons=found.total,
            clicks_of_robots=found.robots,
            people=PEOPLE,
            clicks_of_people=people.total,
            visitors_of_robots=found.unique,
            visitors_of_people=people.unique,
            led_on=counted,
            good=good,
        )
        return good


def prepare() -> int:
    """Set the installation up and release a mailing in three languages; return its id."""
    coalition = {"sender_name": "Bridgeway", "sender_email": "news@bridgeway.example", "postal_address": "12 Harbor St"}
    db.session.add(Coalition(name="Bridgeway Coalition", set_up_at=clock.now(), **coalition))
    topic = Topic(slug="action-alerts", names={"en": "Action alerts"}, descriptions={}, default=True)
    db.session.add(topic)
    wordings.adopt("Bridgeway Coalition", "Alice Admin")
    db.session.commit()
    rows = [{"email": f"r{n}@mail.example", "first_name": "Amina", "share_code": f"r{n}"} for n in range(COPIES)]
    db.session.execute(insert(Contact), rows)
    ids = list(db.session.scalars(select(Contact.id).order_by(Contact.id)))
    active = {"topic_id": topic.id, "state": "active", "since": clock.now()}
    db.session.execute(insert(Subscription), [{"contact_id": number, **active} for number in ids])
    agree(ids[: int(COPIES * SEEN)])
    content = {"kind": "newsletter", "subject": "Licensing moves", "body": BODY, "topic_id": topic.id}
    made = composing.create({**content, "audience": {"people": "topic", "segment": None}}, by="bench")
    made.state, made.scheduled_at = "scheduled", clock.now()
    db.session.commit()
    releasing.release(made.id)
    releasing.freeze(made.id)
    db.session.execute(db.update(Delivery).values(state="sent", sent_at=clock.now()))
    db.session.commit()
    return made.id


def agree(ids: list[int]) -> None:
    words = wordings.draft("en", wordings.proposal("en", "Bridgeway", agreeing.PURPOSE), agreeing.PURPOSE)
    wordings.review(words, "Alice Admin")
    for number in ids:
        contact = db.session.get_one(Contact, number)
        agreeing.choose(contact, True, wording=words, method="preference_page", place="bench", ip="")


def links_of_copies(app: Flask) -> list[list[str]]:
    """Return the paths of all that each copy links to, as the mails hold them."""
    press, found = Press(app, db.engine), []
    copies = select(
        Delivery.id, Delivery.uuid, Delivery.contact_id, Delivery.address, Delivery.merge, Delivery.message_id
    )
    for copy in db.session.execute(copies.order_by(Delivery.id)):
        content = press.print(copy, smtputf8=False).content  # type: ignore[arg-type]
        text = content.replace(b"=\r\n", b"").replace(b"=3D", b"=").decode()
        found.append(list(dict.fromkeys(link.replace("&amp;", "&").rstrip(">") for link in LINK.findall(text))))
    db.session.rollback()
    return found


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables but those of the counts."""
    db.session.rollback()
    tables = [table for table in db.metadata.sorted_tables if table.name not in COUNTS]
    return {table.name: sorted(map(tuple, db.session.execute(select(table))), key=repr) for table in tables}


def scan(client: FlaskClient, copies: list[list[str]]) -> dict[str, int]:
    """Send the requests, one copy's links after the other, each copy by one scanner; return how many of each kind."""
    dice, sent = random.Random(1), {"GET": 0, "HEAD": 0, "OPTIONS": 0}
    for headers, method, path, network in requests(copies, dice):
        answer = client.open(path, method=method, headers=headers, environ_base={"REMOTE_ADDR": network})
        assert answer.status_code < 500, (method, path, answer.status)
        sent[method] += 1
        if sum(sent.values()) == REQUESTS:
            return sent
    raise AssertionError("too few requests")


def requests(copies: list[list[str]], dice: random.Random) -> Iterator[tuple[dict[str, str], str, str, str]]:
    while True:
        for links in copies:
            network = f"198.51.{dice.randrange(100)}.{dice.randrange(1, 250)}"
            if dice.random() < 0.5:
                headers = {"User-Agent": dice.choice(NAMED), "Accept-Language": "en"}
                method = dice.choice(("GET", "GET", "HEAD", "OPTIONS"))
            else:
                headers = {"User-Agent": dice.choice(BROWSERS), "Accept-Language": "en-US,en;q=0.9"}
                method = "GET"
            for link in links:
                yield headers, method, link, network


def render(app: Flask, copies: list[list[str]]) -> int:
    """Open all links of some copies in Chromium, half of it by a browser's name, with scripts; return how many."""
    opened = 0
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with serving(app) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for number, links in enumerate(copies[:: max(1, len(copies) // RENDERED)][:RENDERED]):
            context = browser.new_context(user_agent=BROWSERS[0] if number % 2 else None)
            context.route(re.compile(r"bridgeway"), lambda route: route.abort())
            for link in links:
                page = context.new_page()
                with_script = f"http://127.0.0.1:{port}{link}"
                try:
                    page.goto(with_script, wait_until="load", timeout=15_000)
                except Exception as error:  # What lies behind a counted link is not asked.
                    assert "/c/" in link, (link, error)
                opened += 1
                page.close()
            context.close()
        browser.close()
    return opened


@contextmanager
def serving(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()


def follow(client: FlaskClient, copies: list[list[str]]) -> int:
    """Let people follow one link each, minutes apart, from networks of their own; return how many were led on."""
    unseen = next(links for links in copies if not any("~" in link for link in links))
    shared = [link for link in unseen if link.startswith("/c/")]
    led = 0
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False) as clocks:
        for number in range(PEOPLE):
            headers = {"User-Agent": BROWSERS[number % len(BROWSERS)], "Accept-Language": "en-US"}
            network = f"10.{number // 250}.{number % 250}.7"
            led += (
                client.get(
                    shared[number % len(shared)], headers=headers, environ_base={"REMOTE_ADDR": network}
                ).status_code
                == 302
            )
            clocks.shift(timedelta(minutes=1, seconds=number % 50))
    return led


def count(mailing_id: int) -> clicks.Clicks:
    db.session.rollback()
    return clicks.of(db.session.get_one(Mailing, mailing_id))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or stage.KINDS))
