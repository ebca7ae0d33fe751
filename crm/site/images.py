"""Uploaded logos: only what is an image by its first bytes, and no SVG, which may hold scripts."""

LARGEST = 500_000


class BadImage(ValueError):
    """The file cannot be used as a logo; the message says why and what to do."""


def kind(data: bytes) -> str:
    """Return the media type of a logo; raises BadImage."""
    if len(data) > LARGEST:
        raise BadImage(f"The file has {len(data) // 1000} kB; a logo may have at most {LARGEST // 1000} kB.")
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise BadImage("The file is no PNG, JPEG or WebP image. Save the logo as PNG and choose it again.")
