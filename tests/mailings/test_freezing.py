"""One copy for each person of an audience, whatever happens while it is frozen."""

import pytest
from sqlalchemy import select, update

from crm.base import clock, wall_clock
from crm.contacts.merging import copies, uniting
from crm.contacts.models import Contact
from crm.delivery import freezing
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import releasing, scheduling
from crm.mailings.models import Mailing, MailingText
from tests import factories
from tests.mailings.makers import make_mailing

AMINA, BEA = "amina@mail.example", "bea@mail.example"


@pytest.fixture
def mailing(app) -> Mailing:
    """A mailing in English and Spanish, released to two people."""
    for address in (AMINA, BEA):
        factories.make_contact(address, topics={"action-alerts": "active"})
    one = make_mailing()
    one.texts.append(MailingText(language="es", subject="Las licencias", preheader="Qué pasó", body="Hola"))
    db.session.commit()
    scheduling.schedule(one, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    assert releasing.release(one.id)
    return one


def change(address: str, **values: str) -> None:
    db.session.execute(update(Contact).where(Contact.email == address).values(values))
    db.session.commit()


def got() -> dict[str, str]:
    """By address, what became of each copy."""
    db.session.rollback()
    return dict(db.session.execute(select(Delivery.address, Delivery.state).order_by(Delivery.address)).all())


def kill_after_amina(mailing: Mailing, monkeypatch) -> None:
    """Let a freezing be killed when it has queued the copy of the first one."""
    real = freezing.queue_audience

    def killed(message, query, **how):
        real(message, query.where(Contact.email == AMINA), **how)
        raise KeyboardInterrupt

    with monkeypatch.context() as killing:
        killing.setattr(freezing, "queue_audience", killed)
        with pytest.raises(KeyboardInterrupt):
            releasing.freeze(mailing.id)
    assert got() == {AMINA: "queued"}


@pytest.mark.parametrize("language", ["en", "es"])
def test_who_has_another_address_when_a_killed_freezing_goes_on_gets_no_second_copy(mailing, monkeypatch, language):
    kill_after_amina(mailing, monkeypatch)
    change(AMINA, email="new@mail.example", language=language)
    assert releasing.freeze(mailing.id) == 1
    assert got() == {AMINA: "queued", BEA: "queued"}


@pytest.mark.parametrize("state", ["failed", "suppressed"])
def test_a_copy_that_reached_nobody_is_no_reason_to_leave_out_the_new_address(mailing, monkeypatch, state):
    kill_after_amina(mailing, monkeypatch)
    db.session.execute(update(Delivery).values(state=state))
    change(AMINA, email="new@mail.example")
    assert releasing.freeze(mailing.id) == 2
    assert got() == {AMINA: state, BEA: "queued", "new@mail.example": "queued"}


def test_whose_address_changes_between_two_looks_of_a_freezing_gets_one_copy(mailing, monkeypatch):
    real, looks = freezing._contact_ids, []

    def look(*asked):
        looks.append(asked)
        if len(looks) == 3:  # One of each text.
            change(AMINA, email="new@mail.example")
        return real(*asked)

    monkeypatch.setattr(freezing, "_contact_ids", look)
    assert releasing.freeze(mailing.id) == 2
    assert len(looks) == 4
    assert got() == {AMINA: "queued", BEA: "queued"}


def test_whose_address_changes_before_the_copy_is_queued_gets_it_at_the_new_one(mailing, monkeypatch):
    real = freezing._queue_chunk

    def queue_chunk(*asked):
        change(AMINA, email="new@mail.example")
        return real(*asked)

    monkeypatch.setattr(freezing, "_queue_chunk", queue_chunk)
    assert releasing.freeze(mailing.id) == 2
    assert got() == {BEA: "queued", "new@mail.example": "queued"}


@pytest.mark.parametrize("language", ["en", "es"])
def test_who_is_reached_only_by_a_merge_with_the_last_one_of_a_look_gets_a_copy(mailing, alice, monkeypatch, language):
    kill_after_amina(mailing, monkeypatch)
    kept = factories.make_contact("kept@mail.example", language=language)
    bea = db.session.scalars(select(Contact).where(Contact.email == BEA)).one()
    kept_id, gone_id = kept.id, bea.id
    db.session.commit()
    real, merged = freezing._queue_chunk, []

    def queue_chunk(*asked):
        if not merged:
            merged.append(uniting.merge(kept_id, gone_id, (), alice))
            db.session.commit()
            copies.settle_again(*merged)
            db.session.commit()
        return real(*asked)

    monkeypatch.setattr(freezing, "_queue_chunk", queue_chunk)
    releasing.freeze(mailing.id)
    assert [address for address, state in got().items() if state == "queued"] == [AMINA, "kept@mail.example"]
