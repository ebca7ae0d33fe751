"""/events/: what is on, the page of each event with the form to register, and its calendar file."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.base import clock, locales, zones
from crm.base.deeds import Deed
from crm.base.guards import public
from crm.base.pages import paginate
from crm.contacts import answering, arrivals, known, sources
from crm.contacts.answering import Page
from crm.contacts.models import Contact
from crm.contacts.sources import Trail
from crm.events import calendar_file, holding, links, places, telling
from crm.events.models import DEED, REGISTERED, Event
from crm.events.visiting import NeedsForm, needs_form, registration_form
from crm.extensions import csrf, db

bp = Blueprint("events_public", __name__)
bp.after_request(known.keep_private)

PER_PAGE = 20


@bp.get("/events/")
@public
def index() -> str:
    """List the events to come, and those that are over."""
    coming = db.session.scalars(holding.coming().where(Event.state != "draft")).all()
    past = holding.past().where(Event.state == "published")
    page = paginate(past, request.args.get("page", 1, type=int), per_page=PER_PAGE)
    kept = Trail.of(request.args).in_language(request.args.get("lang"))
    return render_template("events/public/index.html", coming=coming, page=page, telling=telling, kept=kept)


@bp.get("/events/<slug>")
@public
def show(slug: str) -> str:
    """Show an event, with the form to register while that is open."""
    event = found(slug)
    person = known.visitor(DEED, event.id)
    if person is not None or not places.is_open(event):
        return _page(event, None, person, needs_form(event)(None))
    return _page(event, arrivals.form_for(registration_form(event), terms=_terms(event)))


@bp.post("/events/<slug>")
@csrf.exempt
@public
def register(slug: str) -> Page:
    """Take the form: by a mail to confirm, or at once for who came by a signed link."""
    event = found(slug)
    if not places.is_open(event):
        return _page(event, None, unsent=needs_form(event)(request.form)), 410
    person = known.visitor(DEED, event.id)
    if person is not None:
        return _registered(event, person)
    sent = url_for(".sent", slug=slug, lang=locales.language())
    return answering.post(
        arrivals.returned(registration_form(event), terms=_terms(event)),
        lambda arrival: _page(event, arrival),
        sent,
        Deed(DEED, event.id),
    )


@bp.get("/events/<slug>/sent")
@public
def sent(slug: str) -> str:
    """Say that a mail is on its way."""
    return render_template("events/public/sent.html", event=found(slug), telling=telling)


@bp.get("/events/<slug>/done/<token>")
@public
def done(slug: str, token: str) -> AnyResponse:
    """Lead whoever has just registered to their own page; others to that of the event."""
    event = found(slug)
    person = known.who_did(token, DEED, event.id)
    attendance = links.of(event, person) if person else None
    return redirect(links.own_path(attendance) if attendance else links.page(event))


@bp.get("/events/<slug>.ics")
@public
def calendar(slug: str) -> Response:
    """Send the event as a calendar file, without the way in."""
    return ics(calendar_file.of(found(slug), locales.language()), slug)


def found(slug: str) -> Event:
    """Return the public event of that address, or end with 404."""
    return holding.named(slug) or abort(404)


def ics(data: bytes, slug: str) -> Response:
    """Return the answer that hands out a calendar file."""
    answer = Response(data, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename={slug}.ics"
    return answer


def _terms(event: Event) -> arrivals.Terms:
    return arrivals.Terms(source=event.slug[:100])


def _registered(event: Event, person: Contact) -> Page:
    form = needs_form(event)()
    if not form.validate():
        return _page(event, None, person, form), 422
    source_id = sources.of_visit(arrivals.trail_of(request.values, _terms(event)))
    try:
        place = known.do(person, Deed(DEED, event.id, form.details()), source_id)
    except known.TooOften:
        db.session.rollback()
        form.form_errors.append(_("This was sent several times today already. Please come back tomorrow."))
        return _page(event, None, person, form), 429
    db.session.commit()
    return redirect(place, 303)


def _page(
    event: Event,
    arrival: arrivals.Arrival | None,
    person: Contact | None = None,
    form: NeedsForm | None = None,
    unsent: NeedsForm | None = None,
) -> str:
    zone = zones.find(request.args.get("zone", ""))
    language = locales.language()
    values: dict[str, Any] = {
        "event": event,
        "telling": telling,
        "when": telling.when(event, language),
        "zone": zone,
        "there": telling.when(event, language, zone) if zone else "",
        "zone_names": zones.names(),
        "over": event.ends_at <= clock.now(),
        "open": places.is_open(event),
        "left": None if event.capacity is None else event.capacity - places.numbers(event.id)[REGISTERED],
        "arrival": arrival,
        "person": person,
        "called": known.shown(person) if person else "",
        "form": arrival.form if arrival else form,
        "unsent": unsent,
        "trail": Trail.of(request.values).arguments(),
        "ways": links.ways(event, links.passed_on(event, Trail.of(request.values))),
    }
    return render_template("events/public/show.html", **values)
