"""Keeping pictures of actions: painted anew when they are uploaded, described, taken off."""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import IO

from sqlalchemy import select

from crm.actions.models import Action
from crm.actions.pictures.models import LARGE, SMALL, ActionPicture
from crm.base import audit, uploaded_pictures
from crm.base.changes import Refused
from crm.base.shelves import Shelf, shown_name
from crm.base.uploaded_pictures import Picture
from crm.extensions import db

SHELF = Shelf("action_pictures")
FILE = re.compile(r"[0-9a-f]{32}(-small)?\.jpg")
THING = "action_picture"
MEGABYTES = 15
MOST = 12  # of one action
ENDINGS = (".jpg",)


def painted(stream: IO[bytes]) -> tuple[Picture, Picture]:
    """Return the picture that was uploaded, large and small, on white. Raises Refused."""
    return uploaded_pictures.in_two_sizes(stream, MEGABYTES, "picture", LARGE, SMALL)


def of(action_id: int) -> Sequence[ActionPicture]:
    """Return the pictures of an action; the first one stands on its page."""
    query = select(ActionPicture).where(ActionPicture.action_id == action_id).order_by(ActionPicture.id)
    return db.session.scalars(query).all()


def put(action: Action, sizes: tuple[Picture, Picture], filename: str, alts: Mapping[str, str]) -> ActionPicture:
    """Keep the picture, large and small, for the action, and return its row. Raises Refused."""
    if len(of(action.id)) >= MOST:
        raise Refused(f"An action has {MOST} pictures at most. Take one off first.", "picture")
    large, small = sizes
    row = ActionPicture(action_id=action.id, public_id=secrets.token_hex(16), width=large.width, height=large.height)
    row.name, row.alts = shown_name(filename.rpartition(".")[0], ENDINGS, "picture"), dict(alts)
    SHELF.keep(row.file, large.content)
    SHELF.keep(row.small_file, small.content)
    db.session.add(row)
    db.session.flush()
    audit.record("upload", THING, row.id, name=[None, row.name])
    return row


def describe(row: ActionPicture, alts: Mapping[str, str]) -> None:
    """Change its description."""
    audit.record("save", THING, row.id, alts=[row.alts, dict(alts)])
    row.alts = dict(alts)


def take_off(row: ActionPicture) -> list[str]:
    """Delete the picture; returns the names of its files, for whoever commits to remove them."""
    audit.record("delete", THING, row.id, name=[row.name, None])
    db.session.delete(row)
    return [row.file, row.small_file]


def sweep() -> int:
    """Delete the files of pictures that are gone; returns how many. A job."""
    known = db.session.scalars(select(ActionPicture)).all()
    return SHELF.sweep({name for row in known for name in (row.file, row.small_file)})
