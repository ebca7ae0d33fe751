"""The form of a visitor on a page: what it shows, and what becomes of it when it comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import request
from flask_babel import gettext as _
from markupsafe import Markup

from crm.base import locales, networks
from crm.base.deeds import Deed
from crm.contacts import intake, joining, mistyped, sources, spam, subscriptions, wordings
from crm.contacts.defence import stopped
from crm.contacts.defence.checking import Check
from crm.contacts.forms import SignUpForm, VisitorForm
from crm.contacts.models import ConsentWording, Topic
from crm.contacts.sources import Trail
from crm.contacts.topics import default_topic, present_default
from crm.extensions import db


@dataclass(frozen=True)
class Terms:
    """What a form offers and asks on terms of its own.

    `purpose` is that of its words of consent, where some are reviewed; `topics` are the slugs that it offers (none: the
    public ones); `source` names where it stands, unless the visitor's link says so; `credit` is the code of whom it
    credits, unless that link credits somebody.
    """

    purpose: str = wordings.SIGN_UP
    topics: tuple[str, ...] = ()
    source: str = ""
    credit: str = ""


COMMON = Terms()


@dataclass
class Arrival:
    """All that the templates of a visitor's form need (templates/contacts/public/visitor.html).

    `hidden` holds the fields that nobody types, `suggestion` is the address that was probably meant, `check` what a
    suspicious form has to pass.
    """

    form: VisitorForm
    trail: Trail
    place: str
    stamp: spam.Stamp | None = None
    shown_wording: int = 0
    forged: bool = False
    check: Check | None = None
    address: str = ""
    suggestion: str = ""
    wording: ConsentWording | None = None
    topics: Sequence[Topic] = ()
    hidden: dict[str, str] = field(default_factory=dict)
    terms: Terms = COMMON

    @property
    def doubt(self) -> str:
        """By what the form looks like a robot's: one of stopped.OUTCOMES, or ""."""
        if self.form.fax.errors:
            return stopped.TRAP
        if self.forged:
            return stopped.FORGED
        return stopped.QUICK if self.stamp and self.stamp.too_quick else ""

    @property
    def default_topic(self) -> Markup:
        """The names of the topics that one gets without a choice."""
        if self.terms.topics:
            return locales.listed(topic.shown() for topic in _unchosen(self.topics))
        topic = present_default()
        return topic.shown() if topic else Markup()


def signup_form() -> Arrival:
    """Return an empty sign-up form for the present page."""
    return form_for(SignUpForm)


def form_for(kind: type[VisitorForm], *, terms: Terms = COMMON, **values: Any) -> Arrival:
    """Return a form of that kind for the present page, which keeps the source in the page's query."""
    form = kind(None, language=locales.language(), **values)
    return ready(Arrival(form, trail_of(request.args, terms), request.path, terms=terms))


def returned(kind: type[VisitorForm], *, terms: Terms = COMMON) -> Arrival:
    """Return the form that the visitor has sent; nothing is asked of the database."""
    place = request.form.get("place", request.path)[:200]
    arrival = Arrival(kind(request.form), trail_of(request.form, terms), place, terms=terms)
    try:
        arrival.stamp = spam.read(request.form.get("stamp", ""))
        arrival.shown_wording = arrival.stamp.wording_id
    except spam.Stale as stale:
        arrival.shown_wording, arrival.forged = stale.wording_id, stale.forged
    return arrival


def check(arrival: Arrival) -> bool:
    """Return whether the visitor may be signed up; where not, the form says what to do."""
    if not arrival.form.validate():
        return False
    if arrival.stamp is None:
        refuse(arrival, _("This page was open for a long time. Please send the form once more."))
    elif arrival.stamp.too_quick:
        refuse(arrival, _("That was very quick. Please send the form once more."))
    else:
        arrival.address = _meant(arrival)
    return bool(arrival.address)


def keep(arrival: Arrival, deed: Deed | None = None) -> bool:
    """Sign the visitor up, and for a deed if there is one; the form has been checked.

    A deed gets the details of the form; mail comes with it only where the box was ticked. False where the form names a
    topic that is not on offer.
    """
    form, stamp = arrival.form, arrival.stamp
    offered, source_id = _offered(arrival, sources.digest_of(arrival.trail))
    form.topics.offer(offered)
    if stamp is None or form.topics.unknown():
        return False
    agreed = bool(form.consent.data and stamp.wording_id)
    if not agreed and deed is None:
        return False
    chosen = [topic for topic in offered if topic.slug in (form.topics.data or [])]
    chosen = chosen or _unchosen(offered, own=bool(arrival.terms.topics)) or [default_topic()]
    joining.ask(
        joining.Request(
            email=arrival.address,
            topics=chosen if agreed else [],
            language=form.language.data,
            form_id=stamp.form_id,
            wording_id=stamp.wording_id if agreed else None,
            source_id=source_id or sources.of_visit(arrival.trail),
            place=arrival.place,
            network=networks.of_request(),
            typed=form.typed(),
            deed=replace(deed, details=form.details()) if deed else None,
        )
    )
    return True


def trail_of(values: Mapping[str, str], terms: Terms) -> Trail:
    """Return the trail in the arguments of a request or in a form, and where it says nothing what the terms say."""
    trail = Trail.of(values)
    # Other sites have codes of that name, too, which mean nothing here.
    via = terms.credit if terms.credit and not sources.is_credit(trail.via) else trail.via
    return replace(trail, via=via, utm_source=trail.utm_source or terms.source)


def refuse(arrival: Arrival, message: str) -> None:
    """Put an error that belongs to no field on top of the form."""
    arrival.form.form_errors.append(message)


def ready(arrival: Arrival) -> Arrival:
    """Fill in what the page shows beside what was typed: topics, wording, hidden fields."""
    form = arrival.form
    arrival.topics, _source_id = _offered(arrival)
    form.topics.offer(arrival.topics)
    arrival.wording = _wording_of(arrival)
    stamp = request.form.get("stamp", "") if arrival.stamp else ""
    if not stamp:
        shown = arrival.wording.id if arrival.wording else 0
        stamp = spam.stamp(shown)
        if arrival.shown_wording != shown:
            form.consent.data = False  # Whoever ticked the box has read other words.
    arrival.hidden = {"stamp": stamp, "place": arrival.place, **arrival.trail.arguments()}
    if arrival.suggestion:
        arrival.hidden["asked"] = form.email.normal
    if arrival.check and arrival.check.ticket:
        arrival.hidden["ticket"] = arrival.check.ticket
    return arrival


def _wording_of(arrival: Arrival) -> ConsentWording | None:
    """Return the wording that the form's stamp speaks of, or the one to show now."""
    shown = db.session.get(ConsentWording, arrival.shown_wording) if arrival.stamp else None
    own = wordings.current(locales.language(), arrival.terms.purpose)
    return shown or own or wordings.current(locales.language())


def _offered(arrival: Arrival, source: str = "") -> tuple[Sequence[Topic], int | None]:
    """Return the topics of the form, and the id of the source of that digest where it is known by the same question."""
    own = subscriptions.named(arrival.terms.topics)
    return (own, None) if own else intake.offer(source)


def _unchosen(offered: Sequence[Topic], *, own: bool = True) -> list[Topic]:
    """Return what one gets without a choice: the default topic, or of a form's own topics all where it is not there."""
    return [topic for topic in offered if topic.default] or (list(offered) if own else [])


def _meant(arrival: Arrival) -> str:
    """Return the address that the visitor means; empty where a slip is likely and has not been asked about."""
    typed: str = arrival.form.email.normal
    suggestion = mistyped.suggestion(typed)
    meant, asked = request.form.get("meant"), request.form.get("asked")
    if suggestion and meant == "suggested":
        return suggestion
    if suggestion is None or asked == typed or meant == "typed":
        return typed
    arrival.suggestion = suggestion
    return ""
