"""Words that people typed, on one line."""

JOINERS = "\u200c\u200d"
"""Signs without width that join and part letters: Persian names and many emoji are wrong without them."""


def one_line(text: str | None) -> str:
    """Return the text on one line, without control characters and doubled or surrounding white space."""
    words = ("".join(sign for sign in word if sign.isprintable() or sign in JOINERS) for word in (text or "").split())
    return " ".join(word for word in words if word.strip(JOINERS))


def shortened(text: str, length: int = 60) -> str:
    """Return the text on one line, with a mark where it is cut because it has more characters than that."""
    line = one_line(text)
    return line if len(line) <= length else f"{line[: length - 1]}…"
