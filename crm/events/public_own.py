"""The pages of a registrant, behind signed links: what they registered for, the way in, giving the place up.

GET changes nothing. The address of the meeting is told by the answer to a button alone, and only to who has a place.
"""

from datetime import timedelta

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from crm.base import clock, signing
from crm.base.guards import public
from crm.contacts import known, subscriptions
from crm.contacts.public import speak
from crm.events import attending, calendar_file, links, places, telling
from crm.events.models import REGISTERED, Attendance, Event
from crm.events.public import found, ics
from crm.extensions import csrf, db

bp = Blueprint("event_own_public", __name__)
bp.after_request(known.keep_private)

OPENS_BEFORE, OPEN_AFTER = timedelta(hours=1), timedelta(hours=3)
Page = str | AnyResponse | tuple[str, int]


@bp.get("/events/<slug>/mine/<token>")
@public
def mine(slug: str, token: str) -> Page:
    """Show a registration: place or waiting list, calendar file, the way in, and how to give it up."""
    event, attendance = _of(slug, token, links.OWN)
    if attendance is None:
        return _gone(event)
    return render_template(
        "events/public/mine.html",
        event=event,
        attendance=attendance,
        token=token,
        telling=telling,
        when=telling.when_for(event, attendance.contact),
        takes_place=places.takes_place(event),
        join_url=links.join(attendance) if _may_join(attendance) else "",
        page_url=links.page(event),
        gets_mail=subscriptions.gets_mail(attendance.contact),
        ways=links.ways(event, links.shared(event, attendance.contact)),
    )


@bp.get("/events/<slug>/mine/<token>.ics")
@public
def calendar(slug: str, token: str) -> Page:
    """Send the calendar file of a registrant, which leads to their own page."""
    event, attendance = _of(slug, token, links.OWN)
    return ics(calendar_file.invitation(attendance), slug) if attendance else _gone(event)


@bp.post("/events/<slug>/mine/<token>")
@csrf.exempt
@public
def leave(slug: str, token: str) -> Page:
    """Give the registration up."""
    event, attendance = _of(slug, token, links.OWN)
    if attendance is None:
        return _gone(event)
    if places.takes_place(event):
        attending.leave(attendance)
        db.session.commit()
    return redirect(url_for(".mine", slug=slug, token=token), 303)


@bp.get("/events/<slug>/join/<token>")
@public
def join(slug: str, token: str) -> Page:
    """Show the button that leads in, once the doors are open."""
    event, attendance = _of(slug, token, links.JOIN)
    if attendance is None:
        return _gone(event)
    return _join(event, attendance, "")


@bp.post("/events/<slug>/join/<token>")
@csrf.exempt
@public
def join_now(slug: str, token: str) -> AnyResponse | Page:
    """Note that the registrant attends, and lead them to the meeting."""
    event, attendance = _of(slug, token, links.JOIN)
    if attendance is None:
        return _gone(event)
    if not (_may_join(attendance) and _doors_open(event)):
        return _join(event, attendance, "")
    attending.attended(attendance, attending.JOIN)
    db.session.commit()
    answer = Response(_join(event, attendance, event.join_url))
    # Not a redirect: our policy lets no form lead to another site, and browsers hold redirects to it as well.
    answer.headers["Refresh"] = f"0; url={event.join_url}"
    return answer


@bp.errorhandler(signing.InvalidToken)
def bad_link(_error: signing.InvalidToken) -> tuple[str, int]:
    """Say that the link is not whole."""
    return render_template("contacts/public/bad_link.html"), 404


def _of(slug: str, token: str, purpose: str) -> tuple[Event, Attendance | None]:
    event = found(slug)
    attendance = links.read(purpose, token, event)
    if attendance is not None:
        speak(attendance.contact.language)
    return event, attendance


def _gone(event: Event) -> tuple[str, int]:
    return render_template("events/public/gone.html", event=event, telling=telling, page_url=links.page(event)), 410


def _may_join(attendance: Attendance) -> bool:
    event = attendance.event
    return bool(event.join_url) and event.state == "published" and attendance.state == REGISTERED


def _doors_open(event: Event) -> bool:
    return event.starts_at - OPENS_BEFORE <= clock.now() <= event.ends_at + OPEN_AFTER


def _join(event: Event, attendance: Attendance, url: str) -> str:
    if not event.join_url:
        abort(404)
    return render_template(
        "events/public/join.html",
        event=event,
        attendance=attendance,
        telling=telling,
        when=telling.when_for(event, attendance.contact),
        may=_may_join(attendance),
        doors_open=_doors_open(event),
        over=clock.now() > event.ends_at + OPEN_AFTER,
        url=url,
        own_url=links.own(attendance),
    )
