"""Six hundred sample contacts over a year, with what they agreed to."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from crm.base import slugs
from crm.contacts import sources, wordings
from crm.contacts.models import ConsentRecord, ConsentWording, Contact, Source, Subscription, Tag, TimelineEntry, Topic
from crm.delivery import suppression
from crm.extensions import db
from crm.site.demo.coalition import Stage
from crm.site.demo.names import CITIES, EMPLOYERS, FIRST, LAST, PROVIDERS

PEOPLE = 600
IMPORTED = 90
BEFORE_THE_GOAL = 60
LEAVE = 0.06
PENDING_LIVE = timedelta(days=28)
LANGUAGES = [("en", 62), ("es", 27), ("ar", 11)]
TAGS = ["nurse", "engineer", "teacher", "employer", "volunteer", "speaker"]


@dataclass
class Draft:
    """One person in the making: when they came, from where, and what became of it."""

    contact: Contact
    came: datetime
    state: str
    topics: list[Topic]
    method: str


def add(stage: Stage, dice: random.Random) -> list[Contact]:
    """Add the contacts, and return those with an active subscription, the oldest first."""
    origins = _origins(stage)
    tags = [Tag(name=name) for name in TAGS if not db.session.scalar(select(Tag.id).where(Tag.name == name))]
    db.session.add_all(tags)
    live = {language: wordings.current(language) for language, _ in LANGUAGES}
    taken = {address for address in db.session.scalars(select(Contact.email)) if address}
    drafts = [_draft(stage, dice, number, came, origins, taken) for number, came in enumerate(_arrivals(stage, dice))]
    for draft in drafts:
        draft.contact.tags = dice.sample(tags, 1) if tags and dice.random() < 0.3 else []
    db.session.add_all([draft.contact for draft in drafts])
    db.session.flush()
    for draft in drafts:
        db.session.add_all(_rows_of(draft, live[draft.contact.language], stage.now, dice))
    db.session.flush()
    return [draft.contact for draft in drafts if draft.state == "active"]


def _arrivals(stage: Stage, dice: random.Random) -> Iterator[datetime]:
    """Yield when each came: some by import a year ago, some before the goal, most after it, in waves."""
    year_ago = stage.now - timedelta(days=364)
    goal_days = (stage.today - stage.goal_start).days
    for _ in range(IMPORTED):
        yield year_ago
    for _ in range(BEFORE_THE_GOAL):
        yield year_ago + timedelta(days=dice.randint(1, 364 - goal_days), minutes=dice.randrange(1440))
    for _ in range(PEOPLE - IMPORTED - BEFORE_THE_GOAL):
        week = int(dice.triangular(0, goal_days / 7 + 0.99, goal_days / 8))
        week = week - week % 3 if dice.random() < 0.35 else week  # Every third week something happens.
        came = stage.now - timedelta(days=goal_days - 7 * week - dice.randrange(7), minutes=dice.randrange(600))
        yield min(came, stage.now - timedelta(hours=dice.randint(2, 60)))


def _origins(stage: Stage) -> list[tuple[Source, int]]:
    def visit(**trail: str) -> Source:
        return db.session.get_one(Source, sources.of_visit(sources.Trail(**trail)))

    members = [(visit(via=member.via or ""), 9 - number) for number, member in enumerate(stage.members[:5])]
    website = (visit(), 34)
    others = [(visit(utm_source="facebook", utm_campaign="stories"), 10), (visit(utm_source="webinar"), 14)]
    return [website, *members, *others]


def _draft(
    stage: Stage,
    dice: random.Random,
    number: int,
    came: datetime,
    origins: list[tuple[Source, int]],
    taken: set[str],
) -> Draft:
    imported = number < IMPORTED
    source = sources.find_or_make("import", "Mailchimp export") if imported else _pick(dice, origins)
    (domain, _, confirms) = dice.choices(PROVIDERS, [share for _, share, _ in PROVIDERS])[0]
    contact = _person(dice, domain, taken)
    contact.source_id, contact.created_at, contact.updated_at = source.id, came, came
    state = "active" if imported or dice.random() < confirms else "pending"
    if state == "pending" and came < stage.now - PENDING_LIVE:
        state = "active"  # Pending sign-ups of longer ago have expired, and are not there any more.
    if state == "active":
        contact.confirmed_at = came if imported else came + timedelta(minutes=dice.randint(2, 900))
        contact.confirmed_at = min(contact.confirmed_at, stage.now)
        if dice.random() < LEAVE:
            state = "unsubscribed"
    chosen = [stage.topics[0], *[topic for topic in stage.topics[1:] if topic.public and dice.random() < 0.45]]
    return Draft(contact, came, state, chosen, "import" if imported else "double_opt_in")


def _person(dice: random.Random, domain: str, taken: set[str]) -> Contact:
    first, last = dice.choice(FIRST), dice.choice(LAST)
    plain = slugs.plain(f"{first}.{last}")
    address = f"{plain}@{domain}"
    while address in taken:
        address = f"{plain}{dice.randint(2, 999)}@{domain}"
    taken.add(address)
    city, state, start, _ = dice.choices(CITIES, [share for *_, share in CITIES])[0]
    return Contact(
        public_id=uuid.UUID(int=dice.getrandbits(128), version=4),
        email=address,
        first_name=first,
        last_name=last,
        organization_name=dice.choice(EMPLOYERS) if dice.random() < 0.25 else "",
        city=city,
        state=state,
        zip_code=f"{start}{dice.randint(1, 30):02d}",
        language=dice.choices([code for code, _ in LANGUAGES], [share for _, share in LANGUAGES])[0],
        share_code=f"{dice.getrandbits(48):012x}",
    )


def _rows_of(draft: Draft, wording: ConsentWording | None, now: datetime, dice: random.Random) -> Iterator[object]:
    contact = draft.contact
    since = contact.confirmed_at or draft.came
    left = min(now, since + timedelta(days=dice.randint(1, 90))) if draft.state == "unsubscribed" else None
    for topic in draft.topics:
        yield Subscription(contact_id=contact.id, topic_id=topic.id, state=draft.state, since=left or since)
    imported = draft.method == "import"
    came = "Imported from Mailchimp export" if imported else "Signed up"
    yield TimelineEntry(contact_id=contact.id, at=draft.came, kind="sign_up", title=came, actor="visitor")
    if draft.state == "pending":
        return
    names = ", ".join(topic.name() for topic in draft.topics)
    evidence = {"OPTIN_TIME": draft.came.isoformat()} if imported else {"confirmed": since.isoformat()}
    yield _record(draft, "given", since, evidence, None if imported else wording)
    yield TimelineEntry(contact_id=contact.id, at=since, kind="consent", title=f"Confirmed: {names}", actor="visitor")
    if left:
        yield _record(draft, "withdrawn", left, {"link": "unsubscribe"}, None)
        yield TimelineEntry(contact_id=contact.id, at=left, kind="consent", title="Left all mail", actor="visitor")


def _record(
    draft: Draft, act: str, at: datetime, evidence: dict[str, str], wording: ConsentWording | None
) -> ConsentRecord:
    return ConsentRecord(
        contact_id=draft.contact.id,
        address_hash=suppression.address_hash(draft.contact.email or ""),
        at=at,
        act=act,
        purpose="sign_up",
        topics=" ".join(topic.slug for topic in draft.topics),
        wording_id=wording.id if wording else None,
        method=draft.method if act == "given" else "one_click",
        place="/signup" if act == "given" else "/unsubscribe",
        evidence=evidence,
    )


def _pick(dice: random.Random, origins: list[tuple[Source, int]]) -> Source:
    return dice.choices([source for source, _ in origins], [share for _, share in origins])[0]
