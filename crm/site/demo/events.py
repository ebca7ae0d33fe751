"""Sample events: a webinar and a meeting to come, and a webinar of last month with its recording."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm.contacts import timeline
from crm.contacts.models import Contact
from crm.events import holding
from crm.events.attending import CHECK_IN, JOIN
from crm.events.links import staff_path
from crm.events.models import REGISTERED, WAITING, Attendance, Event
from crm.extensions import db
from crm.site.demo.coalition import Stage

NEEDS = ({"boxes": ["es"]}, {"boxes": ["captions"]}, {"boxes": ["step_free"], "note": "A seat near the door, please"})


@dataclass(frozen=True)
class Sample:
    """One event: in how many days it begins at which hour, how long it lasts, how many come."""

    kind: str
    days: int
    hour: int
    minutes: int
    people: int
    texts: dict[str, str]
    capacity: int | None = None
    place: str = ""
    address: str = ""
    recording: str = ""


SAMPLES = (
    Sample(
        "webinar",
        9,
        12,
        60,
        23,
        {
            "title_en": "Your license, step by step: pharmacists",
            "title_es": "Su licencia, paso a paso: farmacia",
            "title_ar": "الترخيص خطوة بخطوة: الصيدلة",
            "summary_en": "What the board asks for, in which order, what it costs, and who helps with each step.",
            "summary_es": "Qué pide la junta, en qué orden, cuánto cuesta y quién ayuda en cada paso.",
            "summary_ar": "ما تطلبه الهيئة، وبأي ترتيب، والتكلفة، ومن يساعد في كل خطوة.",
            "description_en": "Two pharmacists who did it last year go through the forms with you.\n\n"
            "- Credentials: where to have them evaluated\n- The language test, and how to prepare for it\n"
            "- Hours of practice: who offers them\n\nThere is half an hour for **your questions**.",
        },
    ),
    Sample(
        "event",
        23,
        18,
        120,
        40,
        {
            "title_en": "Welcome evening for hospitals and nurses",
            "title_es": "Noche de bienvenida para hospitales y personal de enfermería",
            "summary_en": "Six hospitals with open posts meet forty nurses who are ready to work. Bring your papers.",
            "summary_es": "Seis hospitales con vacantes conocen a cuarenta profesionales de enfermería.",
            "description_en": "Short talks at six, then tables. Children are welcome: there is a room to play.",
        },
        capacity=36,
        place="Worcester City Library, Great Room",
        address="3 Salem Square\nWorcester, MA 01608",
    ),
    Sample(
        "webinar",
        -31,
        17,
        75,
        31,
        {
            "title_en": "2,400 idle health professionals: the findings",
            "summary_en": "Professor Ruth Delacroix on what she counted, and what two states did about it.",
            "attended_en": "Thank you for your questions. Here is the recording; **please send it to one employer**.",
            "missed_en": "You missed a lively hour. Here is the recording.",
        },
        recording="https://video.bridgeway.example/idle-skills",
    ),
)


def add(stage: Stage, people: list[Contact], dice: random.Random) -> None:
    """Add the events; `people` are those with an active subscription."""
    for sample in SAMPLES:
        event = _event(stage, sample)
        known = [person for person in people if person.confirmed_at and person.confirmed_at < event.starts_at]
        for place, person in enumerate(dice.sample(known, min(sample.people, len(known)))):
            _register(stage, event, person, place, dice)


def _event(stage: Stage, sample: Sample) -> Event:
    where = ZoneInfo(stage.zone)
    day = stage.today + timedelta(days=sample.days)
    starts = datetime.combine(day, time(sample.hour), where).astimezone(UTC)
    online = sample.kind == "webinar"
    values: dict[str, Any] = {
        name: text for name, text in sample.texts.items() if not name.startswith(("attended", "missed"))
    }
    event = Event(reminders=[1440, 60], texts_attended={}, texts_missed={}, created_at=stage.now - timedelta(days=45))
    values |= {"starts_at": starts, "ends_at": starts + timedelta(minutes=sample.minutes), "zone": stage.zone}
    values |= {"place": sample.place, "address": sample.address, "capacity": sample.capacity, "kind": sample.kind}
    values |= {"join_url": "https://meet.bridgeway.example/room" if online else "", "closes_at": None}
    event.organization_id = None if online or not stage.members else stage.members[0].id
    holding.save(event, values)
    event.state, event.recording_url = "published", sample.recording
    event.published_at = event.created_at
    for name in ("attended_en", "missed_en"):
        setattr(event, name, sample.texts.get(name, ""))
    return event


def _register(stage: Stage, event: Event, person: Contact, place: int, dice: random.Random) -> None:
    at = min(stage.now, event.starts_at) - timedelta(hours=dice.randrange(4, 240))
    full = event.capacity is not None and place >= event.capacity
    attendance = Attendance(
        event=event, contact=person, state=WAITING if full else REGISTERED, since=at, told=event.sequence
    )
    attendance.created_at, attendance.registered_at = at, None if full else at
    attendance.source_id, attendance.needs = person.source_id, {}
    if event.starts_at > stage.now and place % 7 == 0:
        attendance.needs = NEEDS[place // 7 % len(NEEDS)]
    if event.ends_at < stage.now and dice.random() < 0.6:
        attendance.attended_at, attendance.how = event.starts_at, CHECK_IN if event.place else JOIN
    db.session.add(attendance)
    timeline.record(person, "event", f"Registered for: {event.title}", staff_path(event), "visitor", at)
