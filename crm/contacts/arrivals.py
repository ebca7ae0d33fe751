"""The sign-up form on a page: what it shows, and what becomes of it when it comes back."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _

from crm.base import locales, networks
from crm.contacts import joining, mistyped, sources, spam, subscriptions, wordings
from crm.contacts.forms import SignUpForm
from crm.contacts.models import ConsentWording, Topic
from crm.extensions import db


@dataclass
class Arrival:
    """All that templates/contacts/public/_signup_form.html needs; `suggestion` is the address probably meant."""

    form: SignUpForm
    wording: ConsentWording | None
    topics: Sequence[Topic]
    stamp: spam.Stamp | None = None
    email: str = ""
    suggestion: str | None = None

    @property
    def default_topics(self) -> str:
        """The names of the topics that one gets without a choice."""
        return ", ".join(topic.name(locales.language()) for topic in subscriptions.default_topics())


def signup_form() -> Arrival:
    """Return an empty sign-up form for the present page, which keeps the source in the page's query."""
    trail = sources.Trail.of(request.args)
    form = SignUpForm(None, language=locales.language(), place=request.path, **trail.arguments())
    return _arrival(form, wordings.current(locales.language()))


def returned_form() -> Arrival:
    """Return the form that the visitor has sent, with everything typed in it, and the wording that it showed."""
    form = SignUpForm(request.form)
    current = wordings.current(locales.language())
    try:
        stamp = spam.read(form.stamp.data or "")
    except spam.Stale as stale:
        return _arrival(form, current, shown=stale.wording_id)
    wording = (
        current if current and current.id == stamp.wording_id else db.session.get(ConsentWording, stamp.wording_id)
    )
    return _arrival(form, wording, stamp)


def check(arrival: Arrival) -> bool:
    """Return whether the visitor may be signed up; where not, the form says what to do."""
    form = arrival.form
    if not form.validate() or arrival.wording is None:
        return False
    if arrival.stamp is None or arrival.stamp.too_quick:
        slow = _("This page was open for a long time. Please send the form once more.")
        refuse(arrival, _("That was very quick. Please send the form once more.") if arrival.stamp else slow)
        return False
    arrival.email = _meant(arrival)
    return bool(arrival.email)


def keep(arrival: Arrival) -> None:
    """Sign the visitor up; the form has been checked. Raises joining.TooManySignUps."""
    form, stamp = arrival.form, arrival.stamp
    if stamp is None:
        raise ValueError("the form has not been checked")
    joining.sign_up(
        joining.Request(
            email=arrival.email,
            topics=form.topics.data or [],
            language=form.language.data,
            form_id=stamp.form_id,
            wording_id=stamp.wording_id,
            source_id=sources.of_visit(form.trail()),
            place=(form.place.data or "")[:200],
            network=networks.of_request(),
            typed=form.typed(),
        )
    )


def refuse(arrival: Arrival, message: str) -> None:
    """Put an error that belongs to no field on top of the form."""
    arrival.form.form_errors.append(message)


def _arrival(
    form: SignUpForm, wording: ConsentWording | None, stamp: spam.Stamp | None = None, shown: int = 0
) -> Arrival:
    topics = subscriptions.public_topics()
    form.topics.offer(list(topics), locales.language())
    if wording is not None and stamp is None:
        form.stamp.data = spam.stamp(wording.id)
        if shown != wording.id:
            form.consent.data = False  # Whoever ticked the box has read other words.
    return Arrival(form, wording, topics, stamp)


def _meant(arrival: Arrival) -> str:
    """Return the address that the visitor means; empty where a slip is likely and has not been asked about."""
    typed: str = arrival.form.email.normal
    suggestion = mistyped.suggestion(typed)
    if suggestion is None or request.form.get("asked") == typed or request.form.get("meant") == "typed":
        return suggestion if suggestion and request.form.get("meant") == "suggested" else typed
    arrival.suggestion = suggestion
    return ""
