"""What registrants need to take part: asked at registration, told to organizers in totals, deleted 30 days after."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from crm.base import clock
from crm.base.words import one_line
from crm.contacts.models import SignUp
from crm.events.models import COMING, DEED, Attendance, Event
from crm.extensions import db

KEPT = timedelta(days=30)
BATCH = 20
LONGEST = 300  # characters
INTERPRETATION = {
    "es": _l("Interpretation into Spanish"),
    "ar": _l("Interpretation into Arabic"),
    "ase": _l("American Sign Language"),
    "am": _l("Interpretation into Amharic"),
    "zh": _l("Interpretation into Chinese"),
    "fa": _l("Interpretation into Dari or Persian"),
    "fr": _l("Interpretation into French"),
    "ht": _l("Interpretation into Haitian Creole"),
    "ko": _l("Interpretation into Korean"),
    "ps": _l("Interpretation into Pashto"),
    "pt": _l("Interpretation into Portuguese"),
    "ru": _l("Interpretation into Russian"),
    "so": _l("Interpretation into Somali"),
    "sw": _l("Interpretation into Swahili"),
    "ti": _l("Interpretation into Tigrinya"),
    "uk": _l("Interpretation into Ukrainian"),
    "vi": _l("Interpretation into Vietnamese"),
}
ACCESS = {
    "captions": _l("Live captions"),
    "step_free": _l("A way in without steps"),
    "hearing_loop": _l("A hearing loop or amplified sound"),
}
KNOWN = INTERPRETATION | ACCESS


@dataclass
class Totals:
    """What those who come need: how many asked for what, and what was written besides, without names."""

    numbers: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    people: int = 0


def interpretation(event: Event) -> dict[str, Any]:
    """Return the languages that registrants of the event may ask for, by code."""
    return {code: label for code, label in INTERPRETATION.items() if code in event.interpretation}


def offered(event: Event) -> dict[str, Any]:
    """Return what registrants of the event may ask for: its languages, and what is offered at each event."""
    return interpretation(event) | ACCESS


def cleaned(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was told as it is kept: the boxes that there are, and a note on one line."""
    boxes = [name for name in KNOWN if name in (told.get("boxes") or [])]
    note = one_line(str(told.get("note") or ""))[:LONGEST]
    return ({"boxes": boxes} if boxes else {}) | ({"note": note} if note else {})


def both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is needed by somebody who told it in two registrations."""
    notes = dict.fromkeys(note for note in (one.get("note"), other.get("note")) if note)
    boxes = [*(one.get("boxes") or []), *(other.get("boxes") or [])]
    return cleaned({"boxes": boxes, "note": "; ".join(notes)})


def totals(event: Event) -> Totals:
    """Return the totals of those who are registered or wait: of each language of the event, and of what they asked.

    What is no longer offered is told as such: somebody counts on it.
    """
    query = select(Attendance.needs).where(Attendance.event_id == event.id, Attendance.state.in_(COMING))
    asked = [needs for needs in db.session.scalars(query) if needs]
    counted = Counter(name for needs in asked for name in needs.get("boxes", []))
    mine = offered(event)
    numbers = {
        str(label) + ("" if name in mine else ", which is not offered any more"): counted[name]
        for name, label in KNOWN.items()
        if counted[name] or (name in mine and name in INTERPRETATION)
    }
    return Totals(numbers, sorted(needs["note"] for needs in asked if needs.get("note")), len(asked))


def forget_old() -> None:
    """Delete what was needed at events that ended 30 days ago, from the forms too; a job."""
    old = select(Event.id).where(Event.ends_at < clock.now() - KEPT, Event.needs_forgotten_at.is_(None))
    ids = list(db.session.scalars(old.order_by(Event.id).limit(BATCH)))
    if not ids:
        return
    quiet = {"synchronize_session": False}
    db.session.execute(update(Attendance).where(Attendance.event_id.in_(ids)).values(needs={}), execution_options=quiet)
    forms = update(SignUp).where(SignUp.deed_kind == DEED, SignUp.about_id.in_(ids)).values(details={})
    db.session.execute(forms, execution_options=quiet)
    done = update(Event).where(Event.id.in_(ids)).values(needs_forgotten_at=clock.now())
    db.session.execute(done, execution_options=quiet)
