"""Statements that go to the driver as they are do what SQLAlchemy would have done with them."""

import pytest
from sqlalchemy import NullPool, bindparam, create_engine, delete, func, literal, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError

from crm.base import clock
from crm.base.database import insert_into
from crm.base.prepared import Prepared
from crm.contacts.models import Contact
from crm.extensions import db

ADD = Prepared(lambda: insert_into(Contact.__table__).returning(Contact.id))
EMAIL_OF = Prepared(lambda: select(Contact.email).where(Contact.id == bindparam("wanted")))


def test_a_row_gets_the_defaults_that_its_table_has(app):
    moment = clock.now()
    one = db.session.get_one(Contact, ADD.scalar({"email": "amina@mail.example", "first_name": "Amina"}))
    other = Contact(email="bao@mail.example", first_name="Bao")
    db.session.add(other)
    db.session.flush()
    assert moment <= one.created_at <= clock.now()
    assert (one.language, one.zone, one.name_key, one.source_id) == ("en", "", "amina", None)
    assert len(one.address_hash) == len(other.address_hash) == 64
    assert len({one.address_hash, other.address_hash, one.share_code, other.share_code}) == 4
    assert len({str(one.public_id), str(other.public_id)}) == 2


def test_what_is_given_and_what_the_statement_says_itself_both_count(app):
    day = bindparam("day", type_=Contact.created_at.type)
    of_day = Prepared(lambda: select(func.count()).where(Contact.created_at < day, Contact.language == literal("en")))
    ADD.first({"email": "amina@mail.example", "first_name": ""})
    assert of_day.scalar({"day": clock.now()}) == 1
    with pytest.raises(ValueError, match="naive"):
        of_day.scalar({"day": clock.now().replace(tzinfo=None)})


def test_all_rows_come_in_their_order_and_a_statement_without_rows_gives_none(app):
    every = Prepared(lambda: select(Contact.email).order_by(Contact.email))
    leave = Prepared(lambda: delete(Contact).where(Contact.email == bindparam("wanted")))
    assert not every.all({})
    for name in ("bao", "amina"):
        ADD.first({"email": f"{name}@mail.example", "first_name": ""})
    assert [email for (email,) in every.all({})] == ["amina@mail.example", "bao@mail.example"]
    assert leave.first({"wanted": "bao@mail.example"}) is None and not leave.all({"wanted": "amina@mail.example"})
    assert not every.all({})


def test_what_a_savepoint_takes_back_is_taken_back_and_what_stands_around_it_stays(app):
    before = ADD.scalar({"email": "amina@mail.example", "first_name": ""})
    with db.session.begin_nested() as savepoint:
        within = ADD.scalar({"email": "bao@mail.example", "first_name": ""})
        assert EMAIL_OF.scalar({"wanted": within})
        savepoint.rollback()
    after = ADD.scalar({"email": "chidi@mail.example", "first_name": ""})
    db.session.commit()
    assert [EMAIL_OF.scalar({"wanted": one}) for one in (before, within, after)] == [
        "amina@mail.example",
        "chidi@mail.example" if within == after else None,
        "chidi@mail.example",
    ]


def test_in_a_transaction_that_broke_nothing_is_run(app):
    ADD.first({"email": "amina@mail.example", "first_name": ""})
    db.session.add(Contact(email="amina@mail.example", first_name=""))
    with pytest.raises(IntegrityError):
        db.session.flush()
    with pytest.raises(PendingRollbackError):
        EMAIL_OF.first({"wanted": 1})
    db.session.rollback()
    assert EMAIL_OF.first({"wanted": 1}) is None


def test_no_row_is_none_and_a_row_that_must_be_there_is_missed(app):
    assert EMAIL_OF.scalar({"wanted": 1}) is None
    assert EMAIL_OF.first({"wanted": 1}) is None
    with pytest.raises(LookupError):
        EMAIL_OF.one({"wanted": 1})


def test_an_error_of_the_database_comes_as_that_of_sqlalchemy(app):
    same = {"email": "amina@mail.example", "first_name": ""}
    ADD.first(same)
    with pytest.raises(IntegrityError):
        ADD.first(same)
    db.session.rollback()
    assert ADD.scalar(same)


def test_what_is_another_statement_each_time_is_refused(app):
    among = Prepared(lambda: select(Contact.id).where(Contact.id.in_(bindparam("ids", expanding=True))))
    with pytest.raises(ValueError, match="another one each time"):
        among.first({"ids": [1]})
    with pytest.raises(ValueError, match="is a text"):
        Prepared(lambda: text("SELECT 1")).first({})
    touching = Prepared(lambda: update(Contact.__table__).values(city=bindparam("town")))
    with pytest.raises(ValueError, match="another one each time"):
        touching.first({"town": "Detroit"})


def test_a_value_that_nobody_gives_is_missed(app):
    with pytest.raises(ValueError, match="wanted"):
        Prepared(lambda: select(Contact.email).where(Contact.id == bindparam("wanted"))).first({"wnated": 1})
    EMAIL_OF.first({"wanted": 1})
    with pytest.raises(KeyError):
        EMAIL_OF.first({"wnated": 1})


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_where_one_connection_was_cut_off_all_that_wait_are_left(app):
    db.session.remove()
    with db.engine.connect() as first, db.engine.connect() as second, db.engine.connect() as third:
        backends = [one.scalar(text("SELECT pg_backend_pid()")) for one in (first, second, third)]
    others = create_engine(db.engine.url, poolclass=NullPool)
    with others.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(pid) FROM unnest(:backends) AS pid"), {"backends": backends})
    with pytest.raises(DBAPIError) as cut_off:
        EMAIL_OF.first({"wanted": 1})
    assert cut_off.value.connection_invalidated
    db.session.rollback()
    assert EMAIL_OF.first({"wanted": 1}) is None
