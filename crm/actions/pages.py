"""What the public pages of actions tell."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates
from flask import request
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from crm.actions import addresses, kinds, listing, opening, signatures
from crm.actions.models import Action
from crm.actions.pictures import keeping
from crm.base import locales, sharing
from crm.base.sharing import Ways
from crm.contacts import arrivals, known, subscriptions
from crm.contacts.forms import VisitorForm
from crm.contacts.models import Contact
from crm.contacts.sources import Trail


@dataclass(frozen=True)
class Told:
    """The texts of an action for readers of one language, each marked where it is in another; "" for none."""

    title: Markup
    summary: Markup
    body: Markup
    button: Markup
    thanks: Markup
    outcome: Markup
    plain_title: str


def told(action: Action, language: str = "") -> Told:
    """Return its texts in the language that is being written."""
    code = language or locales.language()
    lines = {name: action.said(name, code).shown for name in ("titles", "summaries", "buttons")}
    prosed = {name: action.said(name, code).prose for name in ("bodies", "thanks", "outcomes")}
    return Told(
        title=lines["titles"],
        summary=lines["summaries"],
        body=prosed["bodies"],
        button=lines["buttons"],
        thanks=prosed["thanks"],
        outcome=prosed["outcomes"],
        plain_title=action.title(code),
    )


def page(action: Action, arrival: arrivals.Arrival | None) -> dict[str, Any]:
    """Return the values of its page; `arrival` is the form of a visitor, where something can be done now."""
    kind = kinds.of(action)
    me = known.visitor(kind.deed, action.id) if kind.deed and arrival is not None else None
    values: dict[str, Any] = {"action": action, "told": told(action), "kind": kind, "phase": opening.phase(action)}
    values |= {"arrival": arrival, "form": arrival.form if arrival else None, "me": me}
    values |= {"me_field": request.values.get(known.FIELD, "") if me else "", "me_name": _initialed(me)}
    values["called"] = known.shown(me) if me else ""
    values |= {"progress": progress(action), "ask": public_ask(action), "share": share(action)}
    values |= {"when": when, "pictures": keeping.of(action.id)}
    return values | kind.values(action)


def thanks(action: Action, contact: Contact, token: str) -> dict[str, Any]:
    """Return the values of the page that thanks a contact; what acts in their name stands there only at first."""
    following = next((one for one in listing.next_of(action) if not kinds.stands(one, contact)), None)
    just, take_back = known.just_did(token), kinds.of(action).take_back(action, contact)
    return {
        "token": token,
        "action": action,
        "told": told(action),
        "kind": kinds.of(action),
        "share": share(action, contact),
        "progress": progress(action),
        "following": told(following) if following else None,
        "next_link": _next_link(following, contact, just=just) if following else "",
        "gets_mail": subscriptions.gets_mail(contact),
        "stands": bool(take_back),
        "take_back": take_back if just else "",
    }


def progress(action: Action) -> dict[str, int | None] | None:
    """Return how many there are, and the goal; None before there are as many as shall be told in public."""
    kind = kinds.of(action)
    count = kinds.count(action) if kind.deed or action.goal else 0
    return {"count": count, "goal": action.goal} if count and count >= (action.goal_from or 0) else None


def public_ask(action: Action) -> dict[str, Any] | None:
    """Return the ask that it stands behind, where it may be public, with whether it was agreed to."""
    ask = action.ask
    if ask is None or ask.public_at is None:
        return None
    return {"title": ask.title, "name": ask.influencer.name, "agreed": ask.state in ("agreed", "delivered")}


def when(at: datetime, zone: str) -> str:
    """Return the moment as a clock in that zone tells it, in the language that is being written."""
    locale, local = get_locale(), at.astimezone(ZoneInfo(zone))
    parts = (dates.format_date(local, "long", locale), dates.format_time(local, "short", locale=locale))
    return f"{locales.comma(locales.language()).join(parts)} ({dates.get_timezone_name(local, 'long', locale=locale)})"


def share(action: Action, contact: Contact | None = None) -> Ways:
    """Return the ways to pass its page on, with the credit of whoever does."""
    said = told(action).plain_title
    url = addresses.shared(contact, action) if contact else addresses.passed_on(action, Trail.of(request.args))
    text = _("%(title)s: %(url)s", title=said, url=url)
    return sharing.ways(url, text, said)


def terms(action: Action) -> arrivals.Terms:
    """Return what its form offers: its own topics, or the public ones."""
    return arrivals.Terms(topics=tuple(action.topics or ()), source=action.slug[:100])


def as_known(action: Action, form: type[VisitorForm], contact: Contact) -> arrivals.Arrival:
    """Return the form that somebody has sent who is known without typing who they are."""
    typed = request.form.to_dict(flat=False)
    typed["email"] = [contact.email or ""]
    on_record = {name: [getattr(contact, name)] for name in ("first_name", "last_name", "zip_code")}
    typed = on_record | {"zip": on_record["zip_code"]} | typed
    typed["language"] = [locales.known(contact.language)]
    return replace(arrivals.returned(form, terms=terms(action)), form=form(MultiDict(typed)))


def _next_link(following: Action, contact: Contact, *, just: bool) -> str:
    deed = kinds.of(following).deed
    if deed and just:
        return known.link(contact.id, deed, following.id, just=True)
    return addresses.shared(contact, following)


def _initialed(contact: Contact | None) -> str:
    if contact is None:
        return ""
    return signatures.shown_name(contact.first_name, contact.last_name, signatures.INITIAL)
