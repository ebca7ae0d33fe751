"""Do the letters of 200 supporters to 50 offices keep each office's pace, and stop where the ask is agreed to?

The supporters write and confirm on the pages; a worker sends to the local mailbox, is stopped and started again; after
a while one office's ask is agreed to. Looked at: how many letters reached each office in each span of time (no more
than its pace allows, and at least half of that), which are canceled, whose names they carry, and what came after the
ask was agreed to. A JSON line for each database.

    python -m bench.letters [--supporters 200] [--offices 50] [--per-hour 600] [--seconds 90] [--databases …]
"""

import argparse
import re
import time
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import time_machine
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import func, select

from bench import stage
from crm.actions.letters.models import Outreach, SuggestedText
from crm.actions.models import Action
from crm.actions.targets.models import Target
from crm.base import clock
from crm.contacts import topics
from crm.contacts.models import Contact
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.influencers import asks
from crm.influencers.models import Influencer
from crm.site import mailbox

PAGE = "/actions/keep-bus-7"
SLACK = 1.0  # seconds of a batch that is on its way
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
CHOICE = re.compile(r'name="did" id="[^"]*" value="([^"]*)"')


class Watcher(mailbox.Keeper):
    """The local mailbox, with a note of what came when and from whom."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.came: dict[str, list[float]] = defaultdict(list)
        self.senders: Counter[tuple[str, str]] = Counter()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        self.came[envelope.rcpt_tos[0]].append(time.monotonic())
        head = (envelope.original_content or b"").partition(b"\r\n\r\n")[0].decode()
        if said := re.search(r"^Reply-To: (\S+)", head, re.MULTILINE):
            name = re.search(r'^From: "?([^"<]*)"? <', head, re.MULTILINE)
            self.senders[said[1], name[1] if name else ""] += 1
        return answer


def main() -> bool:
    """Measure on each database, print a JSON line each, and return whether all held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--supporters", type=int, default=200)
    parser.add_argument("--offices", type=int, default=50)
    parser.add_argument("--per-hour", type=int, default=600)
    parser.add_argument("--seconds", type=int, default=90)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    asked = parser.parse_args()
    with stage.folder() as place:
        return sum(not measure(kind, place, asked) for kind in asked.databases) == 0


def measure(kind: str, place: Path, asked: argparse.Namespace) -> bool:
    """Let the supporters write, the worker send and an ask be agreed to; tell what came."""
    watcher = Watcher(place / f"mailbox-{kind}")
    server = mailbox.server(watcher.folder)
    server.handler = watcher
    server.start()
    try:
        with stage.installation(kind, place, server.port) as here:
            ask_id = _prepare(asked.offices, asked.per_hour)
            began = time.monotonic()
            _write(here, asked.supporters)
            wrote = time.monotonic() - began
            facts = _send(here, watcher, ask_id, asked.seconds)
            facts |= {"wrote_s": round(wrote), **_judge(watcher, asked, facts)}
            stage.tell(bench="letters", database=kind, **facts)
            stopped = facts["canceled_by_ask"] > 0 and not facts["after_agreed"]
            paced = not facts["too_fast"] and not facts["too_slow"]
            return paced and stopped and facts["all_queued"] and facts["own_names"]
    finally:
        server.stop()


def _prepare(offices: int, per_hour: int) -> int:
    """Make the action with its offices; the first is asked for something. Returns the ask's id."""
    topics.default_topic()
    contact = Contact(first_name="Iris", last_name="Clerk")
    influencer = Influencer(contact=contact, version=1)
    db.session.add(influencer)
    db.session.flush()
    ask = asks.plan(influencer, {"title": "Keep bus 7", "category": "visibility"}, None)
    asks.advance(ask, "made", None)
    options = {"per_hour": per_hour}
    action = Action(slug="keep-bus-7", kind="letter", state="published", titles={"en": "Keep bus 7"}, options=options)
    action.published_at = clock.now()
    db.session.add(action)
    db.session.flush()
    for number in range(offices):
        office = {"name": f"Office {number}", "email": f"office{number}@offices.example"}
        db.session.add(Target(action_id=action.id, ask_id=ask.id if number == 0 else None, **office))
    text = {"subject": "Keep bus 7", "text": "Please keep bus 7. " * 50}
    db.session.add(SuggestedText(action_id=action.id, kind="letter", language="en", **text))
    db.session.commit()
    return ask.id


def _write(here: stage.Installation, supporters: int) -> None:
    """Let each supporter write to all offices on the page, and confirm."""
    client = here.app.test_client()
    for number in range(supporters):
        from_network = {"environ_overrides": {"REMOTE_ADDR": f"10.{number // 250}.{number % 250}.7"}}
        page = client.get(PAGE).text
        data: dict[str, Any] = dict(HIDDEN.findall(page))
        data |= {"did": CHOICE.findall(page), "email": f"p{number}@mail.example", "first_name": f"Person{number}"}
        data |= {"subject": "Keep bus 7", "text": f"I am number {number}. Please keep bus 7.", "zip_code": "48104"}
        with time_machine.travel(clock.now() + timedelta(seconds=5), tick=True):
            answer = client.post(PAGE, data=data, **from_network)
        assert answer.status_code == 303, answer.text
        url = db.session.scalars(select(Delivery.merge).order_by(Delivery.id.desc()).limit(1)).one()["confirm_url"]
        db.session.commit()
        assert client.post(url.removeprefix("https://crm.example")).status_code == 303
    db.session.remove()  # PostgreSQL would end what stands idle in a transaction while the letters are sent.


def _send(here: stage.Installation, watcher: Watcher, ask_id: int, seconds: int) -> dict[str, Any]:
    """Send for a third, stop and start the worker, send for a third, agree to the ask, and send on."""
    began = time.monotonic()
    worker = here.start("worker")
    time.sleep(seconds / 3)
    stage.end(worker)
    worker = here.start("worker")
    time.sleep(seconds / 3)
    ask = db.session.get_one(asks.Ask, ask_id)
    change = asks.advance(ask, "agreed", None)
    db.session.commit()
    agreed = time.monotonic()
    time.sleep(seconds / 3)
    stage.end(worker)
    after = sum(at > agreed + SLACK for at in watcher.came["office0@offices.example"])
    facts = {"seconds": round(time.monotonic() - began), "canceled_by_ask": change.changes["mails_queued"][0]}
    return facts | {"after_agreed": after, "until_agreed": round(agreed - began, 1)}


def _judge(watcher: Watcher, asked: argparse.Namespace, facts: dict[str, Any]) -> dict[str, Any]:
    """Compare with the pace: at once a minute's worth, then one each share of the hour, also over the restart."""
    share, at_once = 3600 / asked.per_hour, max(1, asked.per_hour // 60)
    too_fast, counts = [], []
    for number in range(asked.offices):
        came = sorted(watcher.came[f"office{number}@offices.example"])
        counts.append(len(came))
        for place, at in enumerate(came):
            later = [other for other in came[place:] if other - at < 60 - SLACK]
            if len(later) > at_once + 60 / share + 1:
                too_fast.append(f"office{number}")
                break
    letters = select(func.count(Outreach.id)).where(Outreach.channel == "email")
    personal = select(Message.id).where(Message.kind == "personal")
    states = (
        select(Delivery.state, func.count().label("number"))
        .where(Delivery.message_id.in_(personal))
        .group_by(Delivery.state)
    )
    allowed = at_once + int(facts["seconds"] / share) + 1
    least = min(allowed // 2, asked.supporters)  # The worker starts twice, which takes its time.
    names = [(f"Person{address[1:].partition('@')[0]}", name) for address, name in watcher.senders]
    return {
        "letters": db.session.scalar(letters),
        "all_queued": db.session.scalar(letters) == asked.supporters * asked.offices,
        "states": {row.state: row.number for row in db.session.execute(states.group_by(Delivery.state))},
        "allowed_an_office": allowed,
        "got_an_office": [min(counts[1:]), max(counts[1:])],
        "got_the_agreed_one": counts[0],
        "too_fast": too_fast,
        "too_slow": [f"office{number}" for number, got in enumerate(counts) if got < (least if number else 1)],
        "own_names": bool(names) and all(own == name for own, name in names),
    }


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
