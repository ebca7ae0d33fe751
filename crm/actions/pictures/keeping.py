"""Keeping pictures of actions: painted anew when they are uploaded, described, taken off."""

import io
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from PIL import Image
from sqlalchemy import select

from crm.actions.models import Action
from crm.actions.pictures.models import ActionPicture
from crm.base import audit
from crm.base.changes import Refused
from crm.base.shelves import Shelf, shown_name
from crm.extensions import db
from crm.influencers.photos import pictures

SHELF = Shelf("action_pictures")
FILE = re.compile(r"[0-9a-f]{32}(-small)?\.jpg")
THING = "action_picture"
LARGE, SMALL = (1200, 1800), (600, 900)  # pixels at most, of width and height
QUALITY = 84
MEGABYTES = 15
MOST = 12  # of one action
ENDINGS = (".jpg",)


@dataclass(frozen=True)
class Painted:
    """A picture as it is kept: two JPEGs, and the size of the large one in pixels."""

    large: bytes
    small: bytes
    width: int
    height: int


def painted(stream: IO[bytes]) -> Painted:
    """Return the picture that was uploaded, on white, with nothing in it but what one sees. Raises Refused."""
    with pictures.opened(stream, MEGABYTES, "picture") as image:
        image.draft("RGB", LARGE)
        upright = pictures.upright(image)
        upright.thumbnail(LARGE)
        layers = upright.convert("RGBA")
        paper = Image.new("RGB", layers.size, "white")
        paper.paste(layers, mask=layers)
        large, (width, height) = _jpeg(paper), paper.size
        paper.thumbnail(SMALL)
        return Painted(large, _jpeg(paper), width, height)


def of(action_id: int) -> Sequence[ActionPicture]:
    """Return the pictures of an action; the first one stands on its page."""
    query = select(ActionPicture).where(ActionPicture.action_id == action_id).order_by(ActionPicture.id)
    return db.session.scalars(query).all()


def put(action: Action, made: Painted, filename: str, alts: Mapping[str, str]) -> ActionPicture:
    """Keep the picture for the action, and return its row. Raises Refused."""
    if len(of(action.id)) >= MOST:
        raise Refused(f"An action has {MOST} pictures at most. Take one off first.", "picture")
    row = ActionPicture(action_id=action.id, public_id=secrets.token_hex(16), width=made.width, height=made.height)
    row.name, row.alts = shown_name(filename.rpartition(".")[0], ENDINGS, "picture"), dict(alts)
    SHELF.keep(row.file, made.large)
    SHELF.keep(row.small_file, made.small)
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


def _jpeg(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=QUALITY, progressive=True, optimize=True)
    return target.getvalue()
