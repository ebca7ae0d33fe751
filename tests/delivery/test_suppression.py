"""Who gets no mail."""

import pytest
from sqlalchemy import event, func, select

from crm.delivery import outbox, suppression
from crm.delivery.models import Suppression
from crm.extensions import db
from tests.delivery.test_outbox import make_message

pytestmark = pytest.mark.usefixtures("app")


def test_many_are_suppressed_at_once_each_for_a_reason_of_its_own():
    bulk, research = make_message(), make_message(list_id="research")
    receipt = make_message(kind="transactional")
    for message in (bulk, research, receipt):
        for name in "abc":
            outbox.queue(message, f"{name}@mail.example")
    suppression.suppress_all({"A@mail.example": "unsubscribe", "b@mail.example ": "hard_bounce"})
    assert suppression.reasons("a@mail.example") == {"*": "unsubscribe"}
    assert suppression.reasons("b@mail.example") == {"*": "hard_bounce"}
    assert suppression.reasons("c@mail.example") == {}
    assert [outbox.counts(message.id)["suppressed"] for message in (bulk, research, receipt)] == [2, 2, 1]


def test_suppressing_one_list_stops_the_copies_of_that_list_alone():
    bulk, research = make_message(), make_message(list_id="research")
    for message in (bulk, research):
        outbox.queue(message, "a@mail.example")
    suppression.suppress_all({"a@mail.example": "unsubscribe"}, "research")
    assert [outbox.counts(message.id)["suppressed"] for message in (bulk, research)] == [0, 1]


def test_a_hard_reason_replaces_a_mild_one_and_never_the_other_way_round():
    spellings = {"josé@bücher.example": "hard_bounce", "josé@xn--bcher-kva.example": "unsubscribe"}
    suppression.suppress_all(spellings)
    assert suppression.reasons("josé@bücher.example") == {"*": "hard_bounce"}
    suppression.suppress_all({"a@mail.example": "unsubscribe", "b@mail.example": "complaint"})
    suppression.suppress_all({"a@mail.example": "complaint", "b@mail.example": "hard_bounce"})
    suppression.suppress_all({"a@mail.example": "unsubscribe", "b@mail.example": "unsubscribe"})
    assert suppression.reasons("a@mail.example") == {"*": "complaint"}
    assert suppression.reasons("b@mail.example") == {"*": "complaint"}


def test_many_take_as_few_statements_as_one():
    def statements(number: int) -> int:
        asked: list[str] = []

        def note(_connection, _cursor, statement, *_) -> None:
            asked.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        suppression.suppress_all({f"p{n}@mail{number}.example": "unsubscribe" for n in range(number)})
        event.remove(db.engine, "before_cursor_execute", note)
        return len(asked)

    outbox.queue(make_message(), "a@mail.example")
    assert statements(400) == statements(1)


def test_nobody_is_suppressed_where_nobody_is_named():
    suppression.suppress_all({})
    assert db.session.scalar(select(func.count()).select_from(Suppression)) == 0
