"""Writing, publishing and taking back an action."""

from collections.abc import Mapping
from typing import Any

from crm.actions.letters import pacing
from crm.actions.models import Action
from crm.actions.targets.recipients import BY_ZIP
from crm.base import audit, changes, clock, slugs
from crm.base.changes import Refused
from crm.contacts import district_table
from crm.extensions import db

THING = "action"
LONGEST = 100  # characters of the title in the address
TAKEN = frozenset({"withdraw", "texts", "pictures"})  # Words that mean something else beneath /actions/.


def save(action: Action, values: Mapping[str, Any], opened_on: int = 0) -> Action:
    """Set the values on a new action or one that there is, and return it; raises Refused, Collision.

    Its address follows the English title until it is published for the first time.
    """
    if action.id is not None:
        changes.claim(action, THING, opened_on)
    if values["opens_at"] and values["closes_at"] and values["closes_at"] <= values["opens_at"]:
        raise Refused("It cannot close before it opens.", "closes_at")
    soft = values.get("soft_closes_at")
    if soft and values["closes_at"] and soft > values["closes_at"]:
        raise Refused("The soft deadline comes before it closes.", "soft_closes_at")
    if action.id is not None and values["next_action_id"] == action.id:
        raise Refused("The next action cannot be this one.", "next_action_id")
    named: dict[str, Any] = {}
    if action.published_at is None:
        named = {"slug": _free_slug(values["title_en"], action.id)}
    if action.state == "published" and values.get("whom", action.whom) != action.whom:
        _check_table(values["whom"], "whom")
    behind = (action.ask_id, action.campaign_id)
    changes.keep(action, THING, {**values, **named})
    if behind != (action.ask_id, action.campaign_id):
        pacing.link_clear(action)
    return action


def publish(action: Action) -> None:
    """Let everybody see the action; raises Refused where it leads by ZIP code and none is known."""
    _check_table(action.whom)
    _to(action, "published")
    action.published_at = action.published_at or clock.now()


def take_back(action: Action) -> None:
    """Let nobody but the staff see the action; what people did stays."""
    _to(action, "draft")


def close(action: Action) -> None:
    """Let nobody do it from now on; its page tells the outcome."""
    changes.lock(action)
    changes.keep(action, THING, {"closes_at": clock.now()})


def delete(action: Action) -> None:
    """Delete an action that was never published."""
    if action.published_at is not None:
        raise Refused("It was public once. Take it back instead, so that what people did is kept.", "")
    audit.record("delete", THING, action.id, title=[action.title(), None])
    db.session.delete(action)


def _check_table(whom: str, field: str = "") -> None:
    if whom == BY_ZIP and not district_table.is_there():
        raise Refused(district_table.NONE, field)


def _to(action: Action, state: str) -> None:
    changes.lock(action)
    changes.keep(action, THING, {"state": state})


def _free_slug(title: str, own_id: int | None) -> str:
    wish = slugs.of(title, LONGEST) or "action"
    return slugs.free(wish, slugs.taken(wish, Action.slug, Action.id.is_distinct_from(own_id)) | TAKEN)
