"""Registering as something that people do on a public page: what it is called, and where it leads."""

from flask_babel import lazy_gettext as _l

from crm.base import locales
from crm.base.deeds import DeedKind
from crm.base.words import one_line
from crm.events import attending, links, places
from crm.events.models import Event
from crm.extensions import db


def kind() -> DeedKind:
    """Return the kind of deed."""
    return DeedKind(
        title=_title,
        prompt=_l("Please confirm your registration for “%(title)s”."),
        button=_l("Confirm my registration"),
        settle=attending.register,
        page=_page,
        after=lambda event_id, token: f"{_page(event_id)}/done/{token}",
        open=_takes_place,
    )


def _title(event_id: int, language: str) -> str:
    event = db.session.get(Event, event_id)
    return one_line(locales.said(event.titles, language).text) if event and event.state != "draft" else ""


def _takes_place(event_id: int) -> bool:
    event = db.session.get(Event, event_id)
    return event is not None and places.takes_place(event)


def _page(event_id: int) -> str:
    event = db.session.get(Event, event_id)
    return links.page(event) if event else "/events/"
