"""What a sender writes into the ledger, batch by batch."""

import pytest
from sqlalchemy import select, text

from crm.delivery import outbox
from crm.delivery.ledger import Ledger
from crm.delivery.letter import Letter, Result
from crm.delivery.models import Delivery
from crm.extensions import db
from tests.delivery.test_outbox import make_message

TURNS = 14  # Both psycopg and the server have settled on how to run the statements by then.
PLANS = text("""
    SELECT sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements
    WHERE statement LIKE '%UPDATE delivery SET state = ''sent''%'
""")


@pytest.fixture
def ledger(app) -> Ledger:
    message = make_message()
    for number in range(2 * TURNS):
        outbox.queue(message, f"p{number}@mail.example")
    db.session.commit()
    return Ledger(db.engine, "worker-1", 120, 10, b"key")


def as_sent(letters: list[Letter]) -> list[Result]:
    return [Result(letter, "sent", 250, f"2.0.0 queued as {letter.id}") for letter in letters]


def test_each_result_is_written_to_its_own_row(ledger):
    letters = ledger.turn([], 2 * TURNS)
    ledger.turn(as_sent(letters), 0)
    rows = db.session.execute(select(Delivery.id, Delivery.state, Delivery.smtp_reply)).all()
    assert {(row.id, row.state, row.smtp_reply) for row in rows} == {
        (letter.id, "sent", f"2.0.0 queued as {letter.id}") for letter in letters
    }


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)  # Row by row by the primary key on SQLite.
def test_recording_is_planned_for_the_results_at_hand(ledger):
    """A plan made for any number of results compares each row with each result."""
    letters: list[Letter] = []
    for _ in range(TURNS):
        letters = ledger.turn(as_sent(letters), 2)
    with db.engine.connect() as connection:
        generic, custom = connection.execute(PLANS).one()
    assert (generic, custom > 0) == (0, True)
