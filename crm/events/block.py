"""An event as a block of mailings and pages: title, date and place of the moment, and a button to its page."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from markupsafe import Markup, escape

from crm.base import locales
from crm.base.block_kinds import BlockField, BlockKind
from crm.base.forms import row_number
from crm.base.words import one_line
from crm.contacts import known
from crm.events import holding, telling
from crm.events.models import DEED, Event
from crm.extensions import db

NEXT = "next"
"""The choice that always means the event that is next that day."""
OFFERED = 50


def kind() -> BlockKind:
    """Return the kind of block that invites to an event."""
    return BlockKind("Event", [BlockField("event", "Which", "choice", choices)], 82, say, later=later)


def choices() -> list[tuple[str, str]]:
    """Return the public events to come, in their order."""
    found = db.session.scalars(holding.coming().where(Event.state == "published").limit(OFFERED))
    shown = [(str(event.id), event.title) for event in found]
    return [(NEXT, "The event that is next"), *shown] if shown else []


def say(values: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Return heading, date with place, summary and button; nothing where the event is over, canceled or gone."""
    event = _chosen(str(values.get("event", "")))
    if event is None:
        return []
    lines = [f"<strong>{escape(telling.when(event, language))}</strong>", escape(telling.where(event, language))]
    text = f"<p>{'<br>'.join(lines)}</p>"
    if summary := one_line(locales.said(event.summaries, language).text):
        text += f"<p>{escape(summary)}</p>"
    return [
        {"kind": "heading", "text": one_line(locales.said(event.titles, language).text), "level": "2"},
        {"kind": "text", "html": text},
        {"kind": "button", "text": gettext("Register"), "url": known.address(DEED, event.id)},
    ]


def later(values: Mapping[str, Any], language: str) -> Markup:
    """Say that the event was canceled; of the one that was next, nobody knows any more which it was."""
    event = db.session.get(Event, row_number(str(values.get("event", ""))))
    if event is None or event.state != "canceled":
        return Markup()
    title = locales.said(event.titles, language).shown
    return escape(gettext("“%(title)s” was canceled after this was sent.")) % {"title": title}


def _chosen(choice: str) -> Event | None:
    coming = holding.coming().where(Event.state == "published")
    if choice != NEXT:
        coming = coming.where(Event.id == row_number(choice))
    return db.session.scalar(coming.limit(1))
