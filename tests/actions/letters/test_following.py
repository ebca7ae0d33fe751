"""What people wrote goes with them: whoever asks to be forgotten, supporter or target."""

from sqlalchemy import select

from crm.actions.targets.models import Target
from crm.contacts.forgetting import forgetting
from crm.delivery.models import Delivery
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
