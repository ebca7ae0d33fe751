"""Words that people typed, on one line."""

import unicodedata

JOINERS = "\u200c\u200d"
"""Signs without width that join and part letters: Persian names and many emoji are wrong without them."""
MOST_SEARCHED = 10


def one_line(text: str | None) -> str:
    """Return the text on one line, without control characters and doubled or surrounding white space."""
    words = ("".join(sign for sign in word if sign.isprintable() or sign in JOINERS) for word in (text or "").split())
    return " ".join(word for word in words if word.strip(JOINERS))


def plain_digits(text: str) -> str:
    """Return the text with the decimal digits of every script, e.g. Arabic ones, as 0 to 9."""
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in text)


def searched(text: str | None) -> list[str]:
    """Return the words by which a list is searched: the first ten, since each is a condition of the query."""
    return (text or "").split()[:MOST_SEARCHED]


def shortened(text: str, length: int = 60) -> str:
    """Return the text on one line, with a mark where it is cut because it has more characters than that."""
    line = one_line(text)
    return line if len(line) <= length else f"{line[: length - 1]}…"
