"""Making an uploaded picture into a small one that holds nothing but what one sees.

It is painted anew: where and with what it was taken, comments and previews stay behind, and so does a file that only
looks like a picture.
"""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageOps

from crm.base.changes import Refused

FORMATS = ("JPEG", "PNG", "WEBP")
NAMED = "JPEG, PNG or WebP"
SIDE = 480  # pixels at most, of width and height
# Of an upload. A JPEG, which telephones make, is read no larger than needed; of others each pixel takes room, and a
# file of some kilobytes can hold any number of them.
MOST_PIXELS = {"JPEG": 50_000_000}
MOST_OF_OTHERS = 16_000_000
QUALITY = 85
UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError)


@dataclass(frozen=True)
class Picture:
    """A JPEG, and its size in pixels."""

    content: bytes
    width: int
    height: int


@contextmanager
def opened(
    stream: IO[bytes], most_megabytes: int, field: str, formats: tuple[str, ...] = FORMATS, named: str = NAMED
) -> Iterator[Image.Image]:
    """Open the picture that was uploaded; raises Refused, also where it turns out later that it cannot be read."""
    if stream.seek(0, io.SEEK_END) > most_megabytes << 20:
        raise Refused(f"The file is larger than {most_megabytes} MB. Make it smaller.", field)
    stream.seek(0)
    try:
        with Image.open(stream, formats=formats) as image:
            most = MOST_PIXELS.get(image.format or "", MOST_OF_OTHERS)
            if image.width * image.height > most:
                raise Refused(f"The picture has more than {most // 1_000_000} million pixels.", field)
            yield image
    except UNREADABLE as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"The file cannot be read as a picture. Choose a {named} file.", field) from error


def small(stream: IO[bytes], most_megabytes: int) -> Picture:
    """Return the picture that was uploaded, made small; raises Refused."""
    with opened(stream, most_megabytes, "photo") as image:
        return _jpeg(_on_paper(image, (SIDE, SIDE)))


def in_two_sizes(
    stream: IO[bytes], most_megabytes: int, field: str, large: tuple[int, int], small: tuple[int, int]
) -> tuple[Picture, Picture]:
    """Return the picture that was uploaded, no larger than these (width and height in pixels); raises Refused."""
    with opened(stream, most_megabytes, field) as image:
        paper = _on_paper(image, large)
        whole = _jpeg(paper, progressive=True)
        paper.thumbnail(small)
        return whole, _jpeg(paper, progressive=True)


def _on_paper(image: Image.Image, most: tuple[int, int]) -> Image.Image:
    image.draft("RGB", most)  # A JPEG is read no larger than needed.
    upright_one = upright(image)
    upright_one.thumbnail(most)
    layers = upright_one.convert("RGBA")
    paper = Image.new("RGB", layers.size, "white")
    paper.paste(layers, mask=layers)
    return paper


def _jpeg(image: Image.Image, *, progressive: bool = False) -> Picture:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=QUALITY, progressive=progressive, optimize=True)
    return Picture(target.getvalue(), *image.size)


def upright(image: Image.Image) -> Image.Image:
    """Return the picture with that side up which the camera says is."""
    try:
        return ImageOps.exif_transpose(image)
    except UNREADABLE:  # What the camera wrote is broken; the picture may be whole.
        return image
