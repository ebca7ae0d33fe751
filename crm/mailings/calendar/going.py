"""What else goes in a week, and to whom: other mailings, steps that were sent, and steps and digests to come."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, false, or_, select

from crm.base import clock, wall_clock
from crm.contacts.models import Contact
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import audience, copies
from crm.mailings.audience import AudienceGone
from crm.mailings.calendar import digests
from crm.mailings.digests import making, moments
from crm.mailings.models import Mailing
from crm.mailings.sequences import expecting, reaching
from crm.mailings.sequences.models import SequenceRun, SequenceStep

GOING = ("scheduled", "sending", "paused", "finished")


@dataclass(frozen=True)
class Going:
    """Something that goes: its `key`, how a sentence names it, whether on the day that is looked at, and to whom.

    What goes to the same people has the same `whom`. `gets`: the condition of a contact; None where it cannot be told.
    """

    key: str
    named: str
    that_day: bool
    whom: str
    gets: ColumnElement[bool] | None


def beside(mailing: Mailing, day: date, zone: str) -> list[Going]:
    """Return what else went or goes in the week (from Sunday) of that day of the zone. Raises BadTime."""
    sunday = day - timedelta(days=(day.weekday() + 1) % 7)
    week = [sunday + timedelta(days=number) for number in range(7)]
    steps = [*_sent_steps(day, week, zone), *_steps(day, week, zone)]
    return [*_mailings(mailing, day, week, zone), *steps, *_digests(day, week, zone)]


def _mailings(mailing: Mailing, day: date, week: list[date], zone: str) -> Iterator[Going]:
    query = select(Mailing).where(
        Mailing.id != mailing.id,
        Mailing.state.in_(GOING),
        Mailing.scheduled_at >= _moment(week[0], zone),
        Mailing.scheduled_at < _moment(week[-1] + timedelta(days=1), zone),
    )
    begin, end = _moment(day, zone), _moment(day + timedelta(days=1), zone)
    for one in db.session.scalars(query.order_by(Mailing.scheduled_at, Mailing.id)):
        that_day = one.scheduled_at is not None and begin <= one.scheduled_at < end
        named = f"“{one.subject or '(no subject)'}”"
        if one.frozen_at:
            yield Going(str(one.id), named, that_day, f"copies of {one.id}", _got_it(one))
        else:
            yield Going(str(one.id), named, that_day, _whom(one), _reaches(one))


def _sent_steps(day: date, week: list[date], zone: str) -> Iterator[Going]:
    """Return each step that was sent in the week: to those who got it on that day, and on the others.

    Only a mailing that is a step, or was one until it was taken out, has messages and was never scheduled.
    """
    begin, end = _moment(day, zone), _moment(day + timedelta(days=1), zone)
    others = [(_moment(week[0], zone), begin), (end, _moment(week[-1] + timedelta(days=1), zone))]
    if others[0][0] > clock.now():
        return
    query = select(Mailing, SequenceStep).outerjoin(SequenceStep, SequenceStep.mailing_id == Mailing.id)
    query = query.where(Mailing.scheduled_at.is_(None), Mailing.messages.any()).order_by(Mailing.id)
    for mailing, step in db.session.execute(query):
        key, named = (f"step{step.id}", _named(step)) if step else (str(mailing.id), f"“{mailing.subject}”")
        for that_day, spans in ((True, [(begin, end)]), (False, others)):
            got = [one for span in spans for one in copies.of_step(mailing, *span)]
            got = [one for one in got if db.session.scalar(one.limit(1))]
            if got:
                whom = f"copies of {mailing.id} {that_day}"
                yield Going(key, named, that_day, whom, or_(*(Contact.id.in_(one) for one in got)))


def _steps(day: date, week: list[date], zone: str) -> Iterator[Going]:
    """Return each step twice, where anybody comes to it: on that day, and on the others. Nobody gets a step twice."""
    before, after = (week[0], day - timedelta(days=1)), (day + timedelta(days=1), week[-1])
    for step in expecting.steps() if week[-1] >= clock.today(zone) else ():
        for that_day, spans in ((True, [(day, day)]), (False, [before, after])):
            spans = [(first, last) for first, last in spans if first <= last and last >= clock.today(zone)]
            comes = or_(false(), *(expecting.comes(step, first, last, zone) for first, last in spans))
            if spans and db.session.scalar(select(SequenceRun.id).where(comes).limit(1)):
                whom = f"{step.id} {that_day}"
                yield Going(f"step{step.id}", _named(step), that_day, whom, _gets_step(step, comes))


def _digests(day: date, week: list[date], zone: str) -> Iterator[Going]:
    since = max(_moment(week[0], zone) - timedelta(microseconds=1), clock.now())
    begin, end = _moment(day, zone), _moment(day + timedelta(days=1), zone)
    for digest in digests.live():
        issue = making.as_mailing(digest)
        for at in moments.between(digest, since, _moment(week[-1] + timedelta(days=1), zone)):
            named = f"the digest “{digest.name}”"
            yield Going(f"digest{digest.id}", named, begin <= at < end, _whom(issue), _reaches(issue))


def _named(step: SequenceStep) -> str:
    return f"step {step.number} of the sequence “{step.sequence.name}”"


def _whom(mailing: Mailing) -> str:
    held_out = mailing.kind in audience.HELD_OUT_OF
    return json.dumps([mailing.topic.id, held_out, mailing.audience], sort_keys=True)


def _reaches(mailing: Mailing) -> ColumnElement[bool] | None:
    try:
        return audience.reaches(mailing)
    except AudienceGone:
        return None


def _gets_step(step: SequenceStep, comes: ColumnElement[bool]) -> ColumnElement[bool] | None:
    try:
        return Contact.id.in_(select(SequenceRun.contact_id).where(comes)) & reaching.gets(step)
    except AudienceGone:
        return None


def _got_it(mailing: Mailing) -> ColumnElement[bool]:
    """Return the condition that a contact has a copy, for a mailing of which the list of copies is complete."""
    known = select(Delivery.contact_id).where(Delivery.contact_id.is_not(None))
    gone = Delivery.state.in_(["suppressed", "canceled"])
    return Contact.id.in_(known.where(Delivery.message_id.in_(mailing.message_ids), ~gone))


def _moment(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), wall_clock.named(zone)).astimezone(UTC)
