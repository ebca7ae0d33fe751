"""What people wrote goes with them: whoever asks to be forgotten, supporter or target."""

from sqlalchemy import select

from crm.actions.letters import pacing
from crm.actions.targets.models import Target
from crm.contacts.forgetting import forgetting
from crm.contacts.merging import uniting
from crm.delivery import outbox
from crm.delivery.models import Delivery, SendingLimit
from crm.extensions import db
from tests import factories
from tests.actions.letters.makers import CLERK, PAGE, make_action, make_target, outreach, write
from tests.contacts.people import person


def left() -> list[tuple[str, dict | None]]:
    query = select(Delivery).where(Delivery.occasion.startswith("outreach:"))
    return [(one.state, one.merge) for one in db.session.scalars(query)]


def test_whoever_is_forgotten_has_no_letter_on_its_way(app, client):
    make_target(make_action())
    write(client)
    forgetting.forget(person(), "mail")
    db.session.commit()
    assert outreach() == [] and left() == [("canceled", None)]


def test_a_target_who_is_forgotten_is_named_nowhere_and_gets_nothing_more(app, client):
    iris = factories.make_influencer("Iris", "Influential")
    iris.contact.email = CLERK
    action = make_action()
    make_target(action, "Iris Influential", influencer_id=iris.id, use_email=True)
    write(client)
    forgetting.forget(iris.contact, "mail")
    db.session.commit()
    assert "Iris" not in client.page(PAGE).text
    assert [(one.name, one.influencer_id) for one in db.session.scalars(select(Target))] == [("Forgotten", None)]
    assert len(outreach()) == 1


def test_no_copy_and_no_limit_keeps_the_address_of_a_target_who_is_forgotten(app, client, deliver):
    iris = factories.make_influencer("Iris", "Influential")
    iris.contact.email = CLERK
    action = make_action()
    make_target(action, "Iris Influential", influencer_id=iris.id, use_email=True)
    make_target(action, "Iris at home", email=CLERK)
    write(client)
    deliver()
    write(client, "b@mail.example")
    forgetting.forget(iris.contact, "mail")
    db.session.commit()
    assert [merge for _, merge in left()] == [None] * 4 and "queued" not in {state for state, _ in left()}
    assert db.session.scalars(select(Delivery).where(Delivery.address == CLERK)).all() == []
    assert db.session.scalars(select(SendingLimit).where(SendingLimit.name == CLERK)).all() == []
    assert [one.email for one in db.session.scalars(select(Target))] == ["", ""]
    assert len(outreach()) == 4


def test_of_two_letters_to_one_office_the_second_waits_no_more_once_they_are_one_person_s(app, client, alice):
    make_target(make_action())
    for email in ("a@mail.example", "b@mail.example"):
        write(client, email)
    first, second = (one.contact_id for one in outreach())
    uniting.merge(first, second, [], alice)
    db.session.commit()
    assert [state for state, _ in left()] == ["queued", "canceled"]
    assert [one.contact_id for one in outreach()] == [first]


def test_a_target_with_two_profiles_becomes_one_with_all_that_was_written(app, client, alice):
    action = make_action()
    profiles = [factories.make_influencer("Iris", f"Influential {n}") for n in (1, 2)]
    for n, one in enumerate(profiles):
        one.contact.email = f"iris{n}@office.example"
        make_target(action, one.name, influencer_id=one.id, use_email=True)
    write(client, did=[f"email:i{profiles[0].id}"])
    write(client, "b@mail.example", did=[f"email:i{profiles[1].id}"])
    uniting.merge(profiles[0].contact_id, profiles[1].contact_id, [], alice)
    db.session.commit()
    [target] = db.session.scalars(select(Target))
    assert [one.target_id for one in outreach()] == [target.id] * 2
    pacing.remove(target)
    outbox.sweep_canceled()
    assert [state for state, _ in left()] == ["canceled", "canceled"]
