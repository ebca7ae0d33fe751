"""Logos and pictures of the sample data: initials and a few words on a field of color."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

INKS = ("#0B5C6B", "#6D3B7B", "#2F6B3A", "#8A5A00")
PAPER, INK = "#FBFAF7", "#1B2A33"


def logo(name: str, ink: str) -> bytes:
    """Return a logo as PNG: the initials on a field of ink, and the first word of the name."""
    picture = Image.new("RGB", (240, 96), "white")
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((2, 2, 94, 94), 12, fill=ink)
    initials = "".join(word[0] for word in name.split() if word[0].isupper())[:2]
    draw.text((48, 48), initials, fill="white", font=ImageFont.load_default(44), anchor="mm")
    draw.text((106, 48), name.split()[0], fill=ink, font=ImageFont.load_default(26), anchor="lm")
    return _png(picture)


def card(lines: Sequence[str], sender: str, ink: str) -> bytes:
    """Return a picture to share as PNG, 1200 × 630 pixels: some words, and who says them."""
    picture = Image.new("RGB", (1200, 630), PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 36, 630), fill=ink)
    for number, line in enumerate(lines):
        draw.text((110, 120 + 100 * number), line, fill=INK, font=ImageFont.load_default(72), anchor="lm")
    draw.text((110, 540), sender, fill=ink, font=ImageFont.load_default(40), anchor="lm")
    return _png(picture)


def _png(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()
