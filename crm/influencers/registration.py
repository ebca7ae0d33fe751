"""What influencers add to the menu, to the dashboard and to backups."""

from typing import Any

from flask import request
from flask_login import current_user

from crm.base import clock
from crm.base.registries import (
    Erasure,
    MenuEntry,
    Merge,
    Panel,
    Question,
    erasures,
    kept_files,
    menu,
    merges,
    panels,
    questions,
)
from crm.influencers import forgetting, merging, today
from crm.influencers.evidence import storage
from crm.influencers.network import asking

SHOWN = 8


def register() -> None:
    """Enter menu, the panel *today*, what new supporters are asked, evidence files, and what merges and erasures do."""
    menu.add("influencers", MenuEntry("Influencers", "influencers_staff.index", "influencers.see", 30))
    menu.add("asks", MenuEntry("Asks", "asks_staff.index", "influencers.see", 35))
    kept_files.add(storage.FOLDER, storage.files)
    followed = Merge(merging.seen, merging.check, merging.choices, merging.counts, merging.follow, merging.TABLES)
    merges.add("influencers", followed)
    erasures.add("influencers", Erasure("profiles, asks, evidence and who knows whom", forgetting.forget))
    panels.add("today", Panel("influencers/today.html", today_values, "today", 10))
    questions.add("who they know", Question("influencers/network/question.html", asking.question))


def today_values() -> dict[str, Any]:
    """Return what is due and who is stale, of the user or, with ?whose=all, of everybody."""
    everybody = request.args.get("whose") == "all"
    day = clock.today(current_user.zone)
    owner_id = None if everybody else current_user.id
    stale = today.stale(day, owner_id, SHOWN, user=current_user)
    return {
        "due": today.due(day, owner_id, user=current_user),
        "stale": stale.shown,
        "stale_count": stale.count,
        "whose": "all" if everybody else "mine",
        "today": day,
    }
