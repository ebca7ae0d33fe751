"""What influencers add to the menu, to the dashboard and to backups."""

from collections.abc import Collection
from typing import Any

from flask import request, url_for
from flask_login import current_user

from crm.base import clock
from crm.base.calendars import Source, calendar_entries
from crm.base.registries import (
    Erasure,
    Mark,
    MenuEntry,
    Merge,
    Panel,
    Question,
    account_panels,
    erasures,
    kept_files,
    marks,
    menu,
    merges,
    panels,
    questions,
)
from crm.influencers import forgetting, handing_over, listing, merging, segment_fields, today
from crm.influencers.calendar import entries, moving
from crm.influencers.evidence import storage
from crm.influencers.inbound import keeping, signed
from crm.influencers.network import asking

SHOWN, SHOWN_DUE = 8, 20


def register() -> None:
    """Enter menu, panels, questions, evidence files, and how influencers are handed over, merged and forgotten."""
    menu.add("day", MenuEntry("My day", "day_staff.index", "influencers.see", 1))
    menu.add("log", MenuEntry("Log", "quick_log_staff.log", "influencers.edit", 2))
    menu.add("influencers", MenuEntry("Influencers", "influencers_staff.index", "influencers.see", 30))
    menu.add("asks", MenuEntry("Asks", "asks_staff.index", "influencers.see", 35, within="influencers"))
    marks.add("influencers", marks_of)
    segment_fields.register()
    kept_files.add(storage.SHELF.folder, storage.SHELF.files)
    followed = Merge(merging.seen, merging.check, merging.choices, merging.counts, merging.follow, merging.TABLES)
    merges.add("influencers", followed)
    erasures.add("influencers", Erasure("profiles, asks, evidence and who knows whom", forgetting.forget))
    panels.add("today", Panel("influencers/today.html", today_values, "today", 10))
    handing_over.register()
    panels.add("unsorted mail", Panel("influencers/inbound/waiting.html", waiting_values, "today", 20))
    account_panels.add("copies of mail", Panel("influencers/inbound/account.html", copies_values, "", 10))
    questions.add("who they know", Question("influencers/network/question.html", asking.question))
    add_dates()


def add_dates() -> None:
    """Enter what the calendar shows of influencers."""
    asked = Source("Asks due", "influencers.see", 20, entries.asks, get=moving.get, move=moving.move)
    calendar_entries.add("asks", asked)
    calendar_entries.add("tasks", Source("Tasks", "influencers.see", 30, entries.tasks))
    calendar_entries.add("steps", Source("Next steps", "influencers.see", 40, entries.steps))
    calendar_entries.add("meetings", Source("Meetings and calls", "influencers.see", 50, entries.meetings))


def marks_of(contact_ids: Collection[int]) -> dict[int, Mark]:
    """Return the way to the profile of each contact who is an influencer that the user sees."""
    if not current_user.may("influencers.see"):
        return {}
    found = listing.profiles(contact_ids, current_user)
    return {
        contact_id: Mark("Influencer", url_for("influencers_staff.show", influencer_id=number))
        for contact_id, number in found.items()
    }


def today_values() -> dict[str, Any]:
    """Return what is due and who is stale, of the user or, with ?whose=all, of everybody."""
    everybody = request.args.get("whose") == "all"
    day = clock.today(current_user.zone)
    owner_id = None if everybody else current_user.id
    stale = today.stale(day, owner_id, SHOWN, user=current_user)
    due = today.due(day, owner_id, user=current_user, limit=SHOWN_DUE + 1)
    return {
        "due": due[:SHOWN_DUE],
        "more_due": len(due) > SHOWN_DUE,
        "stale": stale.shown,
        "stale_count": stale.count,
        "whose": "all" if everybody else "mine",
        "today": day,
    }


def waiting_values() -> dict[str, Any]:
    """Return how many copies of mail wait for the user."""
    return {"waiting": keeping.waiting(current_user) if signed.address_of(current_user) else 0}


def copies_values() -> dict[str, Any]:
    """Return the user's address for copies of mail; nothing where there is none."""
    address = signed.address_of(current_user) if current_user.may(signed.PERMISSION) else ""
    return {"address": address, "waiting": keeping.waiting(current_user)} if address else {}
