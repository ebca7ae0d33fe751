"""The kinds of answers: how each is read from what was typed, kept, and shown."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from crm.base import postal_codes
from crm.base.words import one_line, plain_digits
from crm.contacts.custom_fields.models import CustomField

KINDS = {
    "text": "A line of text",
    "long_text": "A longer text",
    "choice": "One of some choices",
    "several": "Several of some choices",
    "yes_no": "Yes or no",
    "number": "A number",
    "date": "A date",
    "zip": "A ZIP code",
}
CHOOSING = frozenset({"choice", "several"})
BOUNDED = frozenset({"text", "long_text", "number"})
LONGEST = {"text": 500, "long_text": 5000}
USUAL = {"text": 200, "long_text": 2000}
YEARS = range(1900, 2101)
NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?")
APART = "; "

Answer = str | list[str]
"""As JSON holds it: text, key of a choice, yes or no, figures, day as 2026-03-31; of several choices a list of keys."""


class BadAnswer(ValueError):
    """The answer cannot be taken; the message says what to do."""


def read(field: CustomField, typed: str | Sequence[str]) -> Answer:
    """Return the answer that was typed or chosen, "" or [] for none; raises BadAnswer."""
    if field.kind == "several":
        return _several(field, typed)
    text = typed if isinstance(typed, str) else "".join(typed[:1])
    text = _lines(text) if field.kind == "long_text" else one_line(text)
    return _READ[field.kind](field, text) if text else ""


def from_file(field: CustomField, cell: str) -> Answer:
    """Return the answer in a cell of a file, where choices may stand by their labels; raises BadAnswer."""
    if field.kind == "several":
        return read(field, [_key_of(field, part) for part in cell.split(APART.strip()) if part.strip()])
    if field.kind == "yes_no":
        word = one_line(cell).casefold()
        return read(field, {"y": "yes", "true": "yes", "1": "yes", "n": "no", "false": "no", "0": "no"}.get(word, word))
    return read(field, _key_of(field, cell) if field.kind == "choice" else cell)


def columns(field: CustomField, answer: Answer) -> dict[str, Any]:
    """Return the answer as the row of a value holds it."""
    text = f"|{'|'.join(answer)}|" if isinstance(answer, list) else answer
    number = Decimal(text) if field.kind == "number" else None
    return {"text": text, "number": number, "day": date.fromisoformat(text) if field.kind == "date" else None}


def fits(field: CustomField, answer: Answer) -> bool:
    """Tell whether the answer can be one to this question."""
    if isinstance(answer, list) != (field.kind == "several"):
        return False
    try:
        columns(field, answer)
    except (ValueError, ArithmeticError):
        return False
    return True


def answer_of(field: CustomField, text: str) -> Answer:
    """Return the answer that a row holds."""
    return text.strip("|").split("|") if field.kind == "several" else text


def shown(field: CustomField, answer: Answer) -> str:
    """Return the answer as people read it."""
    if isinstance(answer, list):
        return APART.join(field.words(key) for key in answer)
    if field.kind == "yes_no":
        return {"yes": "Yes", "no": "No"}.get(answer, answer)
    return field.words(answer) if field.kind == "choice" else answer


def _text(field: CustomField, text: str) -> str:
    most = field.most or USUAL[field.kind]
    if len(text) > most:
        raise BadAnswer(_("Use at most %(max)d characters here.", max=most))
    return text


def _choice(field: CustomField, text: str) -> str:
    if text not in {choice["key"] for choice in field.offered()}:
        raise BadAnswer(_("Choose one of the answers that stand here."))
    return text


def _several(field: CustomField, typed: str | Sequence[str]) -> list[str]:
    chosen = {_choice(field, key) for key in ([typed] if isinstance(typed, str) else typed) if key}
    return [choice["key"] for choice in field.offered() if choice["key"] in chosen]


def _yes_no(field: CustomField, text: str) -> str:
    if text not in ("yes", "no"):
        raise BadAnswer(_("Choose yes or no."))
    return text


def _number(field: CustomField, text: str) -> str:
    figures = plain_digits(text).replace("٫", ".")
    if not NUMBER.fullmatch(figures):
        raise BadAnswer(_("Write the number in figures alone, for example 1200 or 12.5."))
    number = Decimal(figures)
    if field.least is not None and number < field.least:
        raise BadAnswer(_("Write a number of at least %(least)s.", least=field.least))
    if field.most is not None and number > field.most:
        raise BadAnswer(_("Write a number of at most %(most)s.", most=field.most))
    return format(number.normalize() + 0, "f")


def _date(field: CustomField, text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadAnswer(_("Write the date as year, month and day, for example 2026-11-30.")) from error
    if day.year not in YEARS:
        raise BadAnswer(_("Choose a year from %(first)s to %(last)s.", first=str(YEARS[0]), last=str(YEARS[-1])))
    return day.isoformat()


def _zip(field: CustomField, text: str) -> str:
    code = postal_codes.tidied(text)
    if not postal_codes.CODE.fullmatch(code):
        raise BadAnswer(_("Enter a ZIP code such as 02110."))
    return code


_READ: dict[str, Callable[[CustomField, str], str]] = {
    "text": _text,
    "long_text": _text,
    "choice": _choice,
    "yes_no": _yes_no,
    "number": _number,
    "date": _date,
    "zip": _zip,
}


def _lines(text: str) -> str:
    return "\n".join(one_line(line) for line in text.splitlines()).strip()


def _key_of(field: CustomField, words: str) -> str:
    wanted = one_line(words).casefold()
    for choice in field.offered():
        if wanted in {str(value).casefold() for name, value in choice.items() if name != "gone"}:
            return str(choice["key"])
    return one_line(words)
