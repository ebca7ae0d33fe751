"""Covers: a picture that was uploaded, or the first page of a PDF, painted anew in two sizes."""

import re
import secrets
from typing import IO

from crm.base import uploaded_pictures
from crm.resources import storage
from crm.resources.models import Resource

LARGE, SMALL = (1000, 1400), (320, 448)  # pixels at most, of width and height
NAME = re.compile(r"[0-9a-f]{32}(-small)?\.jpg")
MEGABYTES = 15


def painted(stream: IO[bytes], most_megabytes: int = MEGABYTES) -> tuple[bytes, bytes]:
    """Return the picture as a large and a small JPEG on white, with nothing in it but what one sees. Raises Refused."""
    large, small = uploaded_pictures.in_two_sizes(stream, min(most_megabytes, MEGABYTES), "cover", LARGE, SMALL)
    return large.content, small.content


def put(resource: Resource, sizes: tuple[bytes, bytes], *, drawn: bool = False) -> str:
    """Give a resource that cover, and return the public id of the one before, for whoever commits to remove it."""
    before, resource.cover, resource.cover_drawn = resource.cover, secrets.token_hex(16), drawn
    for name, content in zip(names(resource.cover), sizes, strict=True):
        storage.SHELF.keep(name, content)
    return before


def take_off(resource: Resource) -> str:
    """Take the cover off, and return its public id, for whoever commits to remove it."""
    before, resource.cover, resource.cover_drawn = resource.cover, "", False
    return before


def remove(public_id: str) -> None:
    """Delete the files of a cover; nothing for ""."""
    for name in names(public_id):
        storage.SHELF.remove(name)


def names(public_id: str) -> list[str]:
    """Return the names of its files, the large one first; none for ""."""
    return [f"{public_id}.jpg", f"{public_id}-small.jpg"] if public_id else []
