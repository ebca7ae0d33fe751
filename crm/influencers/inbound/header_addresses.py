"""The addresses of a header field, whoever wrote it: names are stepped over, and nothing of them is believed."""

import re

MOST = 500
LONGEST = 100_000  # characters that are looked at
ADDRESS = re.compile(r"[^\s@<>\"(),:;\\]{1,64}@[^\s@<>\"(),:;\\]{1,190}")
ENDS = ",;:"  # The colon ends the name of a group (RFC 5322 §3.4).


def addresses_in(value: str) -> list[str]:
    """Return the addresses of a From, To or Cc in small letters, each once; at most 500.

    One pass, however it is nested or left open. An address in a name, a quoted string or a comment is none.
    """
    reader = _Reader()
    for sign in value[:LONGEST]:
        reader.take(sign)
    reader.end()
    return list(dict.fromkeys(reader.found))[:MOST]


class _Reader:
    def __init__(self) -> None:
        self.found: list[str] = []
        self.bare: list[str] = []
        self.angle: list[str] | None = None
        self.bracketed: str | None = None
        self.quoted, self.depth, self.escaped = False, 0, False

    def take(self, sign: str) -> None:
        if self.escaped:
            self.escaped = False
        elif self.quoted or self.depth:
            self._inside(sign)
        elif sign == '"':
            self.quoted = True
        elif sign == "(":
            self.depth = 1
        elif sign == "<":
            self.angle = []
        elif sign == ">" and self.angle is not None:
            self.bracketed, self.angle = "".join(self.angle), None
        elif sign in ENDS and self.angle is None:
            self.end()
        else:
            (self.bare if self.angle is None else self.angle).append(sign)

    def end(self) -> None:
        text = "".join(self.bare) if self.bracketed is None else self.bracketed
        if ADDRESS.fullmatch(text.strip()):
            self.found.append(text.strip().lower())
        self.bare, self.angle, self.bracketed = [], None, None

    def _inside(self, sign: str) -> None:
        if sign == "\\":
            self.escaped = True
        elif self.quoted:
            self.quoted = sign != '"'
        else:
            self.depth += {"(": 1, ")": -1}.get(sign, 0)
