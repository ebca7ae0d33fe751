"""What events tell the other rooms, and add to the pages of staff and visitors."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from crm.base import locales, public_pages, registries
from crm.base.acted import Act, acted
from crm.base.activities import activities
from crm.base.block_kinds import blocks
from crm.base.calendars import MOST, Entry, Source, Window, calendar_entries
from crm.base.deeds import deeds
from crm.base.digest_news import News, NewsItem, news
from crm.base.public_pages import HomePart, PublicEntry
from crm.events import block, counting, deed, holding, links, merging, telling, writing
from crm.events.models import DEED, KINDS, Event
from crm.extensions import db

METRIC = "registrations"
AT_HOME = 3


def register() -> None:
    """Enter menus, calendar, deed, counts, fields, block, and how registrations are merged, forgotten and restored."""
    registries.menu.add("events", registries.MenuEntry("Events", "events_staff.index", "events.see", 50))
    calendar_entries.add("events", Source("Events", "events.see", 50, entries))
    deeds.add(DEED, deed.kind())
    metric = registries.Metric("Registrations for events", counting.count, counting.by_day)
    registries.metrics.add(METRIC, metric)
    acted.add(METRIC, Act("Registered for an event", counting.by_source))
    acted.add("attended", Act("Attended", counting.came_by_source))
    activities.add("events", counting.active_since)
    registries.supports.add(METRIC, counting.support())
    counting.add_segment_fields()
    counting.add_triggers()
    registries.merges.add("events", merging.merge())
    registries.erasures.add("events", merging.erasure())
    held = registries.Hold("events whose mail waits for your word", writing.hold_restored, "event")
    registries.holds.add("events", held)
    blocks.add("event", block.kind())
    news.add("events", News(_l("Next events"), fresh))
    entry = PublicEntry(_l("Events"), "events_public.index", 30, _any_shown)
    public_pages.public_menu.add("events", entry)
    public_pages.sitemap.add("events", _addresses)
    public_pages.home_parts.add("events", HomePart("events/public/home.html", _next, 20))


def entries(window: Window) -> list[Entry]:
    """Return the events in the window, on the day on which they begin on the user's clocks."""
    query = select(Event).where(Event.starts_at >= window.since, Event.starts_at < window.until)
    if not window.closed:
        query = query.where(Event.state != "canceled")
    if window.campaign_id:
        query = query.where(Event.campaign_id == window.campaign_id)
    if window.mine:
        query = query.where(Event.organization_id.is_not_distinct_from(window.user.organization_id))
    found = db.session.scalars(query.order_by(Event.starts_at, Event.id).limit(MOST + 1))
    return [_entry(event, window) for event in found]


def fresh(since: datetime, until: datetime, language: str) -> list[NewsItem]:
    """Return the events to come that became public between two moments, the newest first."""
    query = select(Event).where(Event.published_at >= since, Event.published_at < until, Event.state == "published")
    query = query.where(Event.ends_at > until).order_by(Event.published_at.desc(), Event.id.desc())
    return [_news(event, language) for event in db.session.scalars(query)]


def _news(event: Event, language: str) -> NewsItem:
    told = [telling.when(event, language), locales.said(event.summaries, language).text]
    title = locales.said(event.titles, language).text
    return NewsItem(title, "\n".join(filter(None, told)), links.page(event), event.published_at or event.created_at)


def _entry(event: Event, window: Window) -> Entry:
    return Entry(
        f"event-{event.id}",
        event.id,
        window.day_of(event.starts_at),
        event.title,
        KINDS[event.kind] + (", draft" if event.state == "draft" else ""),
        url_for("events_staff.show", event_id=event.id),
        version=event.version,
        changed_at=event.updated_at,
        at=event.starts_at,
        lasts=event.lasts,
        whose=event.organization.name if event.organization else "",
        tone={"draft": "draft", "canceled": "closed"}.get(event.state, "plain"),
    )


def _any_shown() -> bool:
    return bool(db.session.scalar(select(Event.id).where(Event.state != "draft").limit(1)))


def _addresses() -> Iterable[tuple[str, datetime | None]]:
    shown = db.session.scalars(select(Event).where(Event.state == "published").order_by(Event.id))
    yield "/events/", db.session.scalar(select(func.max(Event.updated_at)).where(Event.state != "draft"))
    yield from ((links.page(event), event.updated_at) for event in shown)


def _next() -> dict[str, Any] | None:
    query = holding.coming().where(Event.state == "published").limit(AT_HOME)
    found = db.session.scalars(query).all()
    return {"events": found, "telling": telling, "links": links} if found else None
