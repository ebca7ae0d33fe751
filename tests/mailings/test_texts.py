"""A mailing in several languages: each recipient gets one copy, in the own language or else the main one."""

import pytest
from sqlalchemy import select, update

from crm.base import clock, wall_clock
from crm.contacts.models import Contact
from crm.delivery import freezing
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings import checks, composing, releasing, scheduling, sending_progress
from crm.mailings.models import Mailing, MailingText
from tests.mailings.makers import make_mailing, make_people


@pytest.fixture
def mailing(app) -> Mailing:
    """In English and Spanish, for one who reads each of our three languages."""
    for language in ("en", "es", "ar"):
        make_people(1, language=language, email=f"{language}@mail.example")
    one = make_mailing()
    one.texts.append(MailingText(language="es", subject="Las licencias", preheader="Qué pasó", body="Hola"))
    db.session.commit()
    return one


def release(mailing: Mailing) -> None:
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    assert releasing.release(mailing.id)


def got() -> dict[str, str]:
    rows = select(Delivery.address, Message.subject).join(Message, Message.id == Delivery.message_id)
    return dict(db.session.execute(rows.order_by(Delivery.address)).all())


def test_each_gets_the_own_language_or_else_the_main_one(mailing):
    release(mailing)
    releasing.freeze(mailing.id)
    assert got() == {
        "ar@mail.example": "Licensing moves",
        "en@mail.example": "Licensing moves",
        "es@mail.example": "Las licencias",
    }
    assert sending_progress.status(mailing)["total"] == 3


def test_who_chooses_another_language_between_two_tries_gets_one_copy(mailing):
    release(mailing)
    releasing.freeze(mailing.id)
    for language in ("en", "es"):
        db.session.execute(db.text("UPDATE contact SET language = :now"), {"now": language})
        db.session.commit()
        mailing.frozen_at = None
        db.session.commit()
        assert releasing.freeze(mailing.id) == 0
    assert db.session.query(Delivery).count() == 3


def test_who_chooses_another_language_while_the_audience_is_frozen_gets_one_copy(mailing, monkeypatch):
    release(mailing)
    real, looked = freezing._contact_ids, []

    def contact_ids(*asked):
        ids = real(*asked)
        if not looked:  # The main text's readers were looked at: now the reader of Spanish is one of them.
            looked.append(ids)
            db.session.execute(update(Contact).where(Contact.language == "es").values(language="en"))
            db.session.commit()
        return ids

    monkeypatch.setattr(freezing, "_contact_ids", contact_ids)
    releasing.freeze(mailing.id)
    assert list(got()) == ["ar@mail.example", "en@mail.example", "es@mail.example"]


def test_pausing_and_canceling_hold_for_all_its_texts(mailing):
    release(mailing)
    releasing.freeze(mailing.id)
    for act, state in ((scheduling.pause, "paused"), (scheduling.resume, "open"), (scheduling.cancel, "canceled")):
        act(mailing)
        db.session.commit()
        assert set(db.session.scalars(select(Message.state))) == {state}


def test_a_fault_names_the_text_it_stands_in(mailing):
    mailing.texts[0].body = ""
    db.session.commit()
    with pytest.raises(checks.NotReady, match="Español: It has no body"):
        scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))


def test_a_copy_says_the_same_in_all_languages(mailing):
    copied = composing.copy(mailing)
    db.session.commit()
    assert [(one.language, one.subject, one.body) for one in copied.texts] == [("es", "Las licencias", "Hola")]
