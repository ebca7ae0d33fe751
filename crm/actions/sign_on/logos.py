"""Logos of organizations: small, painted anew, with nothing in them but what one sees."""

import hashlib
import io
from datetime import timedelta
from typing import IO

from PIL import Image

from crm.actions.sign_on import signing
from crm.actions.sign_on.models import SignOn
from crm.base import limits, uploaded_pictures
from crm.base.changes import Refused
from crm.base.database import looking
from crm.extensions import db

SIZE = (400, 160)  # width and height in pixels, at most
LARGE, SMALL = (800, 180), (300, 100)  # likewise in a PDF, of the coalition's logo and of those that sign
MOST_MEGABYTES = 5
MOST_OFFERED = (10, timedelta(hours=1))  # of one organization


class TooLate(Exception):
    """The organization does not wait for the staff any more."""


class TooOften(Exception):
    """So many files were sent for one organization as an hour allows."""


def offer(row: SignOn, stream: IO[bytes]) -> None:
    """Keep the logo that whoever signed sends, while nobody of the staff has decided; commits.

    Raises Refused, TooLate, TooOften.
    """
    if row.state != signing.WAITING:
        raise TooLate
    number = row.id
    if not limits.allow(f"logo:{number}", *MOST_OFFERED):
        raise TooOften
    db.session.commit()
    with looking():
        content = painted(stream)
    waiting = db.session.get(SignOn, number, populate_existing=True, with_for_update=True)
    if waiting is None or waiting.state != signing.WAITING:
        raise TooLate
    put(waiting, content)
    db.session.commit()


def painted(stream: IO[bytes], size: tuple[int, int] = SIZE) -> bytes:
    """Return the picture that was uploaded as a PNG no larger than that; raises Refused."""
    with uploaded_pictures.opened(stream, MOST_MEGABYTES, "logo") as image:
        image.draft("RGB", size)  # A JPEG is read no larger than needed.
        upright = uploaded_pictures.upright(image).convert("RGBA")
        upright.thumbnail(size)
        bare = Image.new("RGBA", upright.size)  # Comments and profiles would follow an image into its file.
        bare.paste(upright)
        target = io.BytesIO()
        bare.save(target, "PNG", optimize=True)
        return target.getvalue()


def readable(content: bytes, size: tuple[int, int]) -> bytes | None:
    """Return a logo that is kept as a PNG no larger than that; None for one that nobody can read."""
    try:
        return painted(io.BytesIO(content), size)
    except Refused:
        return None


def put(row: SignOn, content: bytes | None) -> None:
    """Let this be the logo, or none."""
    row.logo, row.logo_digest = content, hashlib.sha256(content).hexdigest() if content else ""
