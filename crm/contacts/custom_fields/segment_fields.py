"""What segments can ask of answers."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, Select, select

from crm.base.remembering import remembered
from crm.base.segment_fields import SegmentField
from crm.contacts.custom_fields import questions
from crm.contacts.custom_fields.asking import PREFIX
from crm.contacts.custom_fields.models import CustomField, CustomValue
from crm.contacts.segment_tests import Condition, among, day_span, is_or_not, of_rows, text

GROUP = "Custom fields"
ANSWERED = SegmentField(
    "Has answered",
    "choice",
    lambda test, value: is_or_not(_of_key(value), test),
    lambda: [(field.key, field.label()) for field in questions.everything()],
    group=GROUP,
)


@remembered
def everything() -> dict[str, SegmentField]:
    """Return a field of segments for each question, by its name there."""
    return {PREFIX + field.key: _field(field) for field in questions.everything()}


def _field(field: CustomField) -> SegmentField:
    rows = select(CustomValue.contact_id).where(CustomValue.field_id == field.id)
    kind, condition, choices = _KINDS[field.kind](field, rows)
    return SegmentField(field.label(), kind, condition, choices, group=GROUP)


def _of_key(key: str) -> Select[int]:
    return select(CustomValue.contact_id).join(CustomField).where(CustomField.key == key)


Made = tuple[str, Condition, Callable[[], list[tuple[str, str]]] | None]


def _of_text(field: CustomField, rows: Select[int]) -> Made:
    like = text(CustomValue.text)

    def condition(test: str, value: str) -> ColumnElement[bool]:
        if test in ("empty", "filled"):
            return among(rows, test == "filled")
        return among(rows.where(like("is" if test == "is_not" else test, value)), test != "is_not")

    return "text", condition, None


def _of_choice(field: CustomField, rows: Select[int]) -> Made:
    def condition(test: str, value: str) -> ColumnElement[bool]:
        several = CustomValue.text.contains(f"|{value}|", autoescape=True)
        return is_or_not(rows.where(several if field.kind == "several" else CustomValue.text == value), test)

    options = [("yes", "Yes"), ("no", "No")] if field.kind == "yes_no" else []
    return "choice", condition, lambda: options or [(one["key"], one["en"]) for one in field.choices]


def _of_number(field: CustomField, rows: Select[int]) -> Made:
    def condition(test: str, value: str) -> ColumnElement[bool]:
        number = int(value)
        tests = {
            "at_least": CustomValue.number >= number,
            "at_most": CustomValue.number <= number,
            "exactly": CustomValue.number == number,
        }
        return among(rows.where(tests[test]))

    return "number", condition, None


def _of_date(field: CustomField, rows: Select[int]) -> Made:
    return "date", of_rows(rows, CustomValue.day, day_span), None


_KINDS: dict[str, Callable[[CustomField, Select[int]], Made]] = {
    "text": _of_text,
    "long_text": _of_text,
    "zip": _of_text,
    "choice": _of_choice,
    "several": _of_choice,
    "yes_no": _of_choice,
    "number": _of_number,
    "date": _of_date,
}
