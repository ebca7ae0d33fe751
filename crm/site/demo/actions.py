"""Sample actions: a petition that runs, one that was won, and a share kit."""

import io
import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import insert

from crm.actions import signatures
from crm.actions.models import Action, Signature
from crm.actions.pictures import keeping
from crm.actions.share_kits.models import ShareCount, ShareText
from crm.contacts.models import Contact, TimelineEntry
from crm.extensions import db
from crm.site.demo import drawing
from crm.site.demo.coalition import NAME, Stage

FILE = Path(__file__).with_name("actions.yaml")
COMMENTS_SHOWN = 2  # of those of the running petition; the last waits for the staff


def add(stage: Stage, active: Sequence[Contact], dice: random.Random) -> None:
    """Add them, with signatures of people who were there by then."""
    written = _written()
    running = published(stage, "petition", written["petition"], opened=26, closes=40, goal=300)
    won = published(stage, "petition", written["won"], opened=150, closes=-60, goal=100)
    shared = published(stage, "share_kit", written["kit"], opened=20)
    db.session.add_all([running, won, shared])
    db.session.flush()
    for one, ink in zip(written["kit"]["pictures"], drawing.INKS, strict=False):
        picture(shared, one, ink)
    running.next_action_id, shared.leads_to = shared.id, running.id
    _sign(stage, running, dice.sample(list(active), min(len(active), 214)), 26, dice, written["comments"])
    _sign(stage, won, dice.sample(list(active[: len(active) // 2]), min(len(active) // 2, 118)), 150, dice, [])
    _share(stage, shared, written["kit"]["texts"], dice)


def picture(action: Action, said: dict[str, Any], ink: str) -> None:
    """Give the action a picture of some words."""
    made = keeping.painted(io.BytesIO(drawing.card(said["lines"], NAME, ink)))
    keeping.put(action, made, f"{action.slug}.png", said["alts"])


def published(stage: Stage, kind: str, said: dict[str, Any], opened: int, closes: int = 0, **values: Any) -> Action:
    """Return an action that opened so many days ago, and closes so many from now (0: never)."""
    texts = ("titles", "summaries", "bodies", "buttons", "thanks", "outcomes")
    action = Action(kind=kind, slug=said["slug"], state="published", zone=stage.zone, options={}, topics=[], **values)
    for name in texts:
        setattr(action, name, said.get(name, {}))
    action.opens_at = action.published_at = action.created_at = stage.now - timedelta(days=opened)
    action.closes_at = stage.now + timedelta(days=closes) if closes else None
    return action


def _sign(
    stage: Stage, action: Action, people: Sequence[Contact], days: int, dice: random.Random, comments: Sequence[str]
) -> None:
    for number, contact in enumerate(people):
        came = max(contact.confirmed_at or stage.now, stage.now - timedelta(days=days))
        ends = action.closes_at if action.closes_at and action.closes_at < stage.now else stage.now
        at = min(came + timedelta(minutes=dice.randint(1, 1440 * max(1, days - 12))), ends - timedelta(hours=1))
        shown = dice.choices([signatures.NONE, signatures.INITIAL, signatures.FULL], [5, 3, 2])[0]
        comment = comments[number] if number < len(comments) else ""
        row = Signature(action_id=action.id, contact_id=contact.id, shown=shown, language=contact.language, at=at)
        row.name = signatures.shown_name(contact.first_name, contact.last_name, shown)
        row.city, row.state, row.source_id, row.comment = contact.city, contact.state, contact.source_id, comment
        row.new = bool(contact.confirmed_at and contact.confirmed_at >= action.created_at)
        row.comment_state = (signatures.SHOWN if number < COMMENTS_SHOWN else signatures.WAITING) if comment else ""
        title = f"Signed: {action.title()}"
        told = TimelineEntry(contact_id=contact.id, at=at, kind="action", title=title, actor="visitor")
        told.url = f"/actions/{action.slug}"
        db.session.add_all([row, told])
    db.session.flush()


def _share(stage: Stage, kit: Action, texts: Sequence[dict[str, str]], dice: random.Random) -> None:
    rows = [ShareText(action_id=kit.id, **text) for text in texts]
    db.session.add_all(rows)
    db.session.flush()
    # Past the session: they have no number of their own by which sample rows are known, and go with their texts.
    for row in rows:
        for credit in ["supporters", *[member.via or "" for member in stage.members[:3]]]:
            copies = dice.randint(2, 24)
            counts = {"text_id": row.id, "credit": credit, "copies": copies, "arrivals": copies * dice.randint(1, 6)}
            db.session.execute(insert(ShareCount).values(counts))


def _written() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))
