"""An uploaded picture, painted anew in the sizes that mail needs, with nothing in it but what one sees."""

import io
from dataclasses import dataclass
from typing import IO, Any

from PIL import Image

from crm.base import uploaded_pictures

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
NAMED = "JPEG, PNG, GIF or WebP"
MOST_MEGABYTES = 15
LARGE, SMALL = 1200, 600  # pixels of width: a column of text is half of that, and sharp screens show two for one
TALLEST = 3000
QUALITY = 84


@dataclass(frozen=True)
class Painted:
    """A picture as it is kept: its kind (jpg or png), and the bytes of the large file and of the small one, if any.

    `width` and `height` are those of the large one, in pixels.
    """

    kind: str
    width: int
    height: int
    large: bytes
    small: bytes | None


def painted(stream: IO[bytes], most_megabytes: int = MOST_MEGABYTES) -> Painted:
    """Return the picture that was uploaded, in both sizes; of one that moves, the first frame. Raises Refused."""
    with uploaded_pictures.opened(stream, min(most_megabytes, MOST_MEGABYTES), "picture", FORMATS, NAMED) as image:
        drawn = image.format == "JPEG"
        large = _scaled(image, LARGE)
        kind, content = ("jpg", _jpeg(large)) if drawn else _smaller(large)
        small = _scaled(large, SMALL) if large.width > SMALL else None
        encoded = (_jpeg(small) if kind == "jpg" else _png(small)) if small else None
        return Painted(kind, large.width, large.height, content, encoded)


def _scaled(image: Image.Image, width: int) -> Image.Image:
    # Telephones write a picture lying on its side, so both sides are given the room of the taller one first.
    image.draft("RGB", (TALLEST, TALLEST))
    upright = uploaded_pictures.upright(image)
    plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    plain.thumbnail((width, TALLEST))
    return plain


def _smaller(image: Image.Image) -> tuple[str, bytes]:
    """Screenshots and drawings are smaller and sharper as PNG, photographs as JPEG."""
    as_png = _png(image)
    if image.mode == "RGBA":
        return "png", as_png
    as_jpeg = _jpeg(image)
    return ("png", as_png) if len(as_png) <= len(as_jpeg) else ("jpg", as_jpeg)


def _jpeg(image: Image.Image) -> bytes:
    return _saved(image, "JPEG", quality=QUALITY, progressive=True)


def _png(image: Image.Image) -> bytes:
    return _saved(image, "PNG")


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    bare = Image.new(image.mode, image.size)  # Comments and profiles would follow an image into its file.
    bare.paste(image)
    target = io.BytesIO()
    bare.save(target, kind, optimize=True, **options)
    return target.getvalue()
