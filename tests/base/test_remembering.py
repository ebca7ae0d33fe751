"""What a page asks several times is read once, and anew after each write."""

import pytest
from sqlalchemy import func, select, text, update

from crm.base import remembering
from crm.base.remembering import remembered
from crm.contacts.models import Tag
from crm.extensions import db

asked = []


@remembered
def names():
    asked.append(True)
    return db.session.scalars(select(Tag.name).order_by(Tag.id)).all()


@pytest.fixture(autouse=True)
def nothing_asked(app):
    db.session.add(Tag(name="one"))
    db.session.commit()
    asked.clear()


def test_it_is_asked_once_and_other_questions_change_nothing():
    assert names() == names() == ["one"]
    db.session.scalar(select(func.count()).select_from(Tag))
    assert names() == ["one"]
    assert len(asked) == 1


@pytest.mark.parametrize(
    "write",
    [
        lambda: db.session.add(Tag(name="two")),
        lambda: setattr(db.session.scalars(select(Tag)).one(), "name", "two"),
        lambda: db.session.execute(update(Tag).values(name="two")),
        lambda: db.session.execute(text("UPDATE tag SET name = 'two'")),
    ],
)
def test_after_a_write_it_is_asked_anew(write):
    assert names() == ["one"]
    write()
    assert names()[-1] == "two"


@pytest.mark.parametrize("end", [lambda: db.session.commit(), lambda: db.session.rollback(), remembering.forget])
def test_nothing_is_remembered_beyond_the_transaction_or_once_it_is_to_be_forgotten(end):
    names()
    end()
    names()
    assert len(asked) == 2
