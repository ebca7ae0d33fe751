"""How well one color is read on another."""

Color = tuple[int, int, int]  # red, green and blue, 0 to 255

LEAST_CONTRAST = 4.5  # of text on what it stands on (WCAG 2.2, 1.4.3)


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colors, 1 to 21 (WCAG 2.2, relative luminance)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    parts = [part / 255 for part in color]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
