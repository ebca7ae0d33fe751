"""Two sample mailings of the past with their deliveries, and one that is scheduled."""

import random
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update

from crm.base.wall_clock import WALL
from crm.contacts import sources
from crm.contacts.models import Contact, Topic
from crm.delivery import outbox
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings import identity, links, rendering
from crm.mailings.archive import archiving, as_sent
from crm.mailings.archive.models import MailingArchive
from crm.mailings.choosing.wanted import Wanted
from crm.mailings.models import Mailing, MailingLink, MailingMessage
from crm.mailings.reading import trails
from crm.mailings.reading.models import MailingClick
from crm.site.demo import marks
from crm.site.demo.coalition import ADMIN, Stage

FAILED = 0.012
SCHEDULED_IN = timedelta(days=6)
BROUGHT_WITHIN = timedelta(days=5)


@dataclass(frozen=True)
class Text:
    """The content of one mailing."""

    kind: str
    subject: str
    preheader: str
    body: str


WRAPPED = re.compile(r"(?<!\n)\n(?=[^\n*-])")
"""The end of a line within a paragraph, which is there only for whoever reads this file."""
ALERT = Text(
    "call_to_action",
    "Four weeks until the hearing: tell your senator",
    "One sentence from you helps forty nurses back to work.",
    """Dear {{ first_name | default: "friend" }},

Senator Vance has filed our bill. In four weeks the committee on public health hears it, and it listens to the people
of its districts.

Nurses who trained abroad wait two years for a license here, while our hospitals have forty open posts in Worcester
alone. The bill lets them work under supervision meanwhile.

[button: Write to your senator](https://bridgeway.example/act/hearing)

It takes two minutes. [Read what the bill says](https://bridgeway.example/bill) first, if you like.

Alice Moreno, for Bridgeway
""",
)
REPORT = Text(
    "thought_leadership",
    "2,400 idle health professionals, in one map",
    "Professor Delacroix has counted what we lose.",
    """Dear {{ first_name | default: "friend" }},

How much knowledge lies idle between Providence and Cleveland? Ruth Delacroix of Harbor College has counted: 2,400
doctors, nurses and pharmacists who work below their training.

[button: Read the report](https://bridgeway.example/research/idle-skills)

The webinar on it is recorded: [forty minutes, with questions](https://bridgeway.example/webinars/idle-skills).

Alice Moreno, for Bridgeway
""",
)
NEXT = Text(
    "newsletter",
    "The bill is filed. What comes next",
    "Two dates to keep, and one thing to share.",
    """Dear {{ first_name | default: "friend" }},

You wrote, and it worked: the provisional license bill has eleven co-sponsors.

[button: See who signed](https://bridgeway.example/bill/sponsors)

Keep two dates: the hearing, and our welcome week in Worcester. And please send this on to one person who should know.

Alice Moreno, for Bridgeway
""",
)


def add(stage: Stage, people: list[Contact], dice: random.Random) -> None:
    """Add the mailings; `people` are those with an active subscription."""
    _sent(stage, ALERT, stage.topics[0], 24, people, dice)
    _sent(stage, REPORT, stage.topics[min(1, len(stage.topics) - 1)], 9, people, dice)
    at = _at_ten(stage, SCHEDULED_IN)
    mailing = _mailing(stage, NEXT, stage.topics[0], "scheduled", at)
    mailing.created_at = stage.now - timedelta(days=1)


def clear_sent() -> None:
    """Stop and delete what was sent of sample mailings since, so that nothing more goes out; call it before remove."""
    ours = MailingMessage.mailing_id.in_(marks.marked("mailing"))
    messages = list(db.session.scalars(db.select(MailingMessage.message_id).where(ours)))
    for message_id in messages:
        outbox.cancel(message_id)
        db.session.execute(db.delete(Delivery).where(Delivery.message_id == message_id, Delivery.state != "in_flight"))
    known = set(db.session.scalars(marks.marked("message")))
    fresh = [{"table_name": Message.__tablename__, "row_id": number} for number in messages if number not in known]
    marks.mark(fresh)
    people = marks.marked("contact")
    waiting = Delivery.state.in_(["queued", "deferred"])
    db.session.execute(update(Delivery).where(Delivery.contact_id.in_(people), waiting).values(state="canceled"))


def _sent(stage: Stage, text: Text, topic: Topic, days_ago: int, people: list[Contact], dice: random.Random) -> None:
    begun = _at_ten(stage, -timedelta(days=days_ago))
    mailing = _mailing(stage, text, topic, "finished", begun)
    mailing.created_at = begun - timedelta(days=2)
    db.session.flush()
    who = identity.current()
    counted = links.Rewriter(mailing.id)
    mail = rendering.render(mailing, who, rewrite=counted)
    sender = identity.sender(who)
    message = outbox.write(
        mail.subject, mail.html, mail.text, sender=sender, kind="bulk", list_id=topic.slug, on_uncertain="hold"
    )
    message.created_at = begun
    reached = [person for person in people if person.confirmed_at and person.confirmed_at < begun]
    reached = [person for person in reached if any(s.topic_id == topic.id for s in person.subscriptions)]
    rows = [_delivery(message, person, begun + timedelta(seconds=n), dice) for n, person in enumerate(reached)]
    db.session.add_all(rows)
    mailing.messages.append(MailingMessage(message_id=message.id, language=mailing.language))
    mailing.released_at = mailing.frozen_at = begun
    mailing.finished_at = begun + timedelta(seconds=len(rows))
    archived = {"slug": archiving.slug_of(mailing), "shown": True, "published_at": begun}
    db.session.execute(insert(MailingArchive), [{"mailing_id": mailing.id, **archived}])
    as_sent.keep(mailing.id, as_sent.rendered(mailing))
    for number, url in enumerate(counted.urls, 1):
        clicks = int(len(rows) * (0.21 if number == 1 else 0.06)) + dice.randint(0, 9)
        link = MailingLink(number=number, url=url)
        mailing.links.append(link)
        db.session.flush()
        _followed(link, clicks, begun, dice)
    _brought(mailing, people, begun)


def _brought(mailing: Mailing, people: list[Contact], begun: datetime) -> None:
    """Let some who confirmed in the days after it have come by a link in it."""
    code = trails.code(mailing.id)
    source = sources.of_visit(sources.Trail(via=code, utm_source="mailing", utm_campaign=code, utm_content="1-en"))
    soon = [one for one in people if one.confirmed_at and begun < one.confirmed_at < begun + BROUGHT_WITHIN]
    for person in soon[::3]:
        person.source_id = source


def _followed(link: MailingLink, clicks: int, begun: datetime, dice: random.Random) -> None:
    """Let people follow a link in the hours after the mailing went out, and a scanner before them.

    The rows go with the link, so they are not marked themselves.
    """
    first = begun.astimezone(UTC).replace(minute=0)
    place = {"link_id": link.id, "language": "en", "variant": ""}
    rows = [{**place, "hour": first, "robot": True, "clicks": 7, "visitors": 0, "newcomers": 0}]
    for hour, share in enumerate((0.45, 0.25, 0.15, 0.1, 0.05)):
        number = round(clicks * share)
        numbers = {"clicks": number + dice.randint(0, 2), "visitors": number, "newcomers": round(number * 0.9)}
        rows.append({**place, "hour": first + timedelta(hours=hour), "robot": False, **numbers})
    db.session.execute(insert(MailingClick), rows)


def _mailing(stage: Stage, text: Text, topic: Topic, state: str, at: datetime) -> Mailing:
    body = WRAPPED.sub(" ", text.body)
    mailing = Mailing(kind=text.kind, subject=text.subject, preheader=text.preheader, body=body, state=state)
    mailing.topic_id, mailing.audience, mailing.created_by = topic.id, Wanted().kept(), ADMIN
    mailing.scheduled_at, mailing.zone = at, stage.zone
    mailing.local_time = at.astimezone(ZoneInfo(stage.zone)).strftime(WALL)
    db.session.add(mailing)
    return mailing


def _delivery(message: Message, person: Contact, at: datetime, dice: random.Random) -> Delivery:
    failed = dice.random() < FAILED
    code, reply = (550, "5.1.1 No such user here") if failed else (250, "2.0.0 Ok: queued")
    return Delivery(
        message_id=message.id,
        address=person.email,
        uuid=uuid.UUID(int=dice.getrandbits(128), version=4).hex,
        contact_id=person.id,
        merge={"first_name": person.first_name},
        state="failed" if failed else "sent",
        attempts=1,
        next_attempt_at=at,
        first_tried_at=at,
        smtp_code=code,
        smtp_reply=reply,
        sent_at=None if failed else at,
    )


def _at_ten(stage: Stage, away: timedelta) -> datetime:
    return datetime.combine(stage.today + away, time(10), ZoneInfo(stage.zone))
