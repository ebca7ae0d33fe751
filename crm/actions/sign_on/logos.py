"""Logos of organizations: small, painted anew, with nothing in them but what one sees."""

import hashlib
import io
from typing import IO

from PIL import Image

from crm.actions.sign_on.models import SignOn
from crm.base import uploaded_pictures
from crm.base.changes import Refused

SIZE = (400, 160)  # width and height in pixels, at most
LARGE, SMALL = (800, 180), (300, 100)  # likewise in a PDF, of the coalition's logo and of those that sign
MOST_MEGABYTES = 5


def painted(stream: IO[bytes], size: tuple[int, int] = SIZE) -> bytes:
    """Return the picture that was uploaded as a PNG no larger than that; raises Refused."""
    with uploaded_pictures.opened(stream, MOST_MEGABYTES, "logo") as image:
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
