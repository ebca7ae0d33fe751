"""What people answered, in numbers: of each choice how many chose it, how numbers spread, and dates by month.

Each person counts once, by what they sent last of what is meant. For staff alone: small numbers may tell who it was.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from decimal import Decimal
from statistics import quantiles
from typing import Any

from flask_babel import format_date
from sqlalchemy import func, select

from crm.actions.models import Action
from crm.actions.submissions import narrowing
from crm.actions.submissions.models import Submission
from crm.contacts.custom_fields import kinds
from crm.contacts.custom_fields.models import CustomField
from crm.extensions import db

PORTION = 1000  # rows that are read at once
TEXTS = frozenset({"text", "long_text", "zip"})
FEW = 10  # So many different numbers stand one by one.
YES_NO = {"yes": "Yes", "no": "No"}


@dataclass(frozen=True)
class Line:
    """How many people said something; `opens` is what the address of the list of them says besides."""

    label: str
    people: int
    opens: Mapping[str, str]
    value: str = ""


@dataclass(frozen=True)
class Result:
    """What was answered to one question; `spread` tells of numbers how many said so much or less."""

    field: CustomField
    lines: Sequence[Line]
    spread: Sequence[Line]
    answered: Line
    missing: Line

    @property
    def kind(self) -> str:
        """What kind of question it is, in words."""
        return kinds.KINDS[self.field.kind]


@dataclass(frozen=True)
class Results:
    """The results of a form: how many people sent it, and how many times they did."""

    people: int
    times: int
    questions: Sequence[Result]


def of(action: Action, wanted: Mapping[str, str]) -> Results:
    """Return the results of what is meant of a form."""
    meant = narrowing.kept(wanted, *narrowing.OF_ALL)
    stands = (Submission.action_id == action.id, Submission.withdrawn_at.is_(None))
    query = select(func.count(Submission.contact_id.distinct()), func.count())
    people, times = db.session.execute(query.where(*stands, *narrowing.conditions(action, meant))).one()
    said = [Said(field) for field in narrowing.asked(action)]
    last = select(Submission.answers).where(*stands, *narrowing.conditions(action, {**meant, **narrowing.EACH}))
    for answers in db.session.scalars(last.execution_options(yield_per=PORTION)):
        for one in said:
            one.count(answers.get(one.field.key))
    return Results(people, times, [_of(one.field, one.counts, one.answered, people) for one in said])


@dataclass
class Said:
    """What was said to a question so far: how many answered, and how often each answer came, texts left out."""

    field: CustomField
    answered: int = 0
    counts: Counter[str] = dataclass_field(default_factory=Counter)

    def count(self, given: Any) -> None:
        """Count what one person said."""
        if narrowing.is_answer(self.field, given):
            self.answered += 1
            if self.field.kind not in TEXTS:
                self.counts.update(given if isinstance(given, list) else (given,))


def _of(field: CustomField, counts: Counter[str], answered: int, people: int) -> Result:
    lines, spread = _lines(field, counts)
    return Result(
        field,
        lines,
        spread,
        Line("Answered", answered, _opens(field, given="yes")),
        Line("No answer", people - answered, _opens(field, given="no")),
    )


def _lines(field: CustomField, counts: Counter[str]) -> tuple[list[Line], list[Line]]:
    if field.kind == "number":
        return _numbers(field, counts), _spread(field, counts)
    if field.kind == "date":
        return _months(field, counts), []
    if field.kind in TEXTS:
        return [], []
    offered = YES_NO if field.kind == "yes_no" else {one["key"]: field.words(one["key"]) for one in field.offered()}
    labels = {**{key: field.words(key) for key in counts}, **offered}
    lines = [Line(label, counts[key], _opens(field, answer=key)) for key, label in labels.items()]
    return sorted(lines, key=lambda line: (-line.people, line.label.casefold())), []


def _numbers(field: CustomField, counts: Counter[str]) -> list[Line]:
    if len(counts) > FEW:
        return []
    return [Line(text, counts[text], _opens(field, answer=text)) for text in sorted(counts, key=Decimal)]


def _spread(field: CustomField, counts: Counter[str]) -> list[Line]:
    """Return the quartiles of numbers (of all that were said, between two neighbors in proportion), and the ends."""
    values = sorted(Decimal(text) for text in counts.elements())
    if not values:
        return []
    cuts = quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    names = ("A quarter say at most", "Half say at most (the median)", "Three quarters say at most")
    named = [("The smallest", values[0]), *zip(names, cuts, strict=True), ("The largest", values[-1])]
    return [_at_most(field, values, name, Decimal(value)) for name, value in named]


def _at_most(field: CustomField, values: Sequence[Decimal], name: str, value: Decimal) -> Line:
    text = format(value.normalize() + 0, "f")
    return Line(name, sum(one <= value for one in values), _opens(field, upto=text), text)


def _months(field: CustomField, counts: Counter[str]) -> list[Line]:
    months: Counter[str] = Counter()
    for text, number in counts.items():
        months[text[:7]] += number
    return [
        Line(format_date(date.fromisoformat(f"{month}-01"), "MMMM y"), months[month], _opens(field, month=month))
        for month in sorted(months)
    ]


def _opens(field: CustomField, **answer: str) -> dict[str, str]:
    return {"question": field.key, **answer, **narrowing.EACH}
