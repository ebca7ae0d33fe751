"""Logos of organizations: small, painted anew, with nothing in them but what one sees."""

import hashlib
import io
from typing import IO

from PIL import Image

from crm.actions.sign_on.models import SignOn
from crm.base import uploaded_pictures

WIDE, TALL = 400, 160  # pixels at most
MOST_MEGABYTES = 5


def painted(stream: IO[bytes]) -> bytes:
    """Return the picture that was uploaded as a small PNG; raises Refused."""
    with uploaded_pictures.opened(stream, MOST_MEGABYTES, "logo") as image:
        upright = uploaded_pictures.upright(image).convert("RGBA")
        upright.thumbnail((WIDE, TALL))
        bare = Image.new("RGBA", upright.size)  # Comments and profiles would follow an image into its file.
        bare.paste(upright)
        target = io.BytesIO()
        bare.save(target, "PNG", optimize=True)
        return target.getvalue()


def put(row: SignOn, content: bytes | None) -> None:
    """Let this be the logo, or none."""
    row.logo, row.logo_digest = content, hashlib.sha256(content).hexdigest() if content else ""
