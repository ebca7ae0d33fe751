"""Where the text of a mail ends and what it quotes begins; and whom the head of a forwarded mail names."""

import re
from collections.abc import Sequence

from crm.influencers.inbound.header_addresses import addresses_in

LONGEST = 300  # characters of a line that are looked at
RULE = re.compile(
    r"-{2,}\s*(original message|forwarded message|mensaje original|mensaje reenviado|message d.origine"
    r"|message transf[ée]r[ée]|urspr[üu]ngliche nachricht|weitergeleitete nachricht|الرسالة الأصلية|رسالة معاد توجيهها)"
    r"\s*-{2,}|begin forwarded message:|_{10,}",
    re.IGNORECASE,
)
WROTE = re.compile(
    r"(on|el|le|am|em|il)\b.{5,280}\b(wrote|escribió|a écrit|schrieb.{0,80}|escreveu|ha scritto)\s?:"
    r"|(في|بتاريخ).{5,280}كتب.{0,100}:",
    re.IGNORECASE,
)
MOMENT = re.compile(r"\d{4}|\d[:.]\d\d")
FIELDS = {
    "from": "from|de|von|da|من",
    "date": "sent|date|enviado( el)?|enviada|fecha|gesendet|datum|envoyé|data|تاريخ|تم الإرسال|التاريخ",
    "to": "to|para|an|à|a|إلى",
    "cc": "cc|copie|kopie|نسخة",
    "subject": "subject|asunto|betreff|objet|assunto|oggetto|الموضوع",
}
FIELD = re.compile(
    r"[\s>*_]*(?:" + "|".join(f"(?P<{name}>{words})" for name, words in FIELDS.items()) + r")\s?:[\s*_]*(?P<value>.*)",
    re.IGNORECASE,
)
HEAD_LINES = 12
LOOKED_FOR = 40  # lines of what is quoted, in which its head must begin


def split(text: str) -> tuple[str, str]:
    """Return what the sender wrote, and what follows from where it begins to quote; either may be empty.

    Answers between quoted lines stay where they are.
    """
    lines = text.split("\n")
    for number in range(len(lines)):
        if lines[number].strip() and _begins(lines, number):
            return _joined(lines[:number]), _joined(lines[number:])
    end = _only_quotes(lines)
    return _joined(lines[:end]), _joined(lines[end:])


def forwarded_addresses(quoted: str) -> list[str]:
    """Return the addresses of From, To and Cc in the first head that is quoted, and in no other."""
    lines = quoted.split("\n")
    for number in range(min(len(lines), LOOKED_FOR)):
        if _is_head(lines, number):
            return _of_head(lines[number : number + HEAD_LINES])
    return []


def _begins(lines: Sequence[str], number: int) -> bool:
    line = lines[number].strip()[:LONGEST]
    if RULE.fullmatch(line):
        return not line.startswith("_") or any(_is_head(lines, n) for n in range(number + 1, number + 4))
    return _says_who_wrote(lines, number) or _is_head(lines, number)


def _says_who_wrote(lines: Sequence[str], number: int) -> bool:
    """Return whether such a line (`On Monday, … wrote:`), perhaps broken into three, stands there."""
    line = ""
    for part in lines[number : number + 3]:
        line = f"{line} {part.strip(' >')}".strip()[:LONGEST]
        if WROTE.fullmatch(line) and MOMENT.search(line):
            return True
    return False


def _is_head(lines: Sequence[str], number: int) -> bool:
    """Return whether a From stands there, and a date and a subject or receiver right behind it."""
    if number >= len(lines) or _field(lines[number])[0] != "from":
        return False
    names = {_field(line)[0] for line in lines[number : number + 6]}
    return "date" in names and bool({"to", "subject"} & names)


def _of_head(lines: Sequence[str]) -> list[str]:
    found: list[str] = []
    name = ""
    for line in lines:
        if not line.strip(" >*_\t"):
            break
        given, value = _field(line)
        name, value = (given, value) if given else (name, line)
        if name in ("from", "to", "cc"):
            found += addresses_in(_unlinked(value))
    return list(dict.fromkeys(found))


def _field(line: str) -> tuple[str, str]:
    """Return which field a line begins, and its value; twice "" where it begins none."""
    match = FIELD.match(line[: 10 * LONGEST])
    return (next(name for name in FIELDS if match[name]), match["value"]) if match else ("", "")


def _unlinked(value: str) -> str:
    # As Outlook writes it: Adams, Ada [mailto:ada@senate.example]
    return re.sub(r"\[mailto:([^\]\s]+)\]", r"<\1>", value, flags=re.IGNORECASE)


def _only_quotes(lines: Sequence[str]) -> int:
    """Return behind which line nothing but quoted lines stands."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith(">")):
        end -= 1
    return end


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n")
