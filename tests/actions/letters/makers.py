"""Letters for tests: an action with targets, and people who write on its page."""

import re
from typing import Any

from sqlalchemy import select

from crm.actions.letters.models import Outreach, SuggestedText
from crm.actions.models import Action
from crm.actions.targets.models import Target
from crm.contacts.models import District
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.influencers.offices.models import Holding, Office
from tests import factories
from tests.actions import makers
from tests.contacts.people import AMINA, confirm_path

PAGE = "/actions/save-bus-7"
LETTER = {"subject": "Keep bus 7", "text": "Please keep bus 7.\n\nIt brings me to work."}
CLERK, MAYOR = "clerk@office.example", "mayor@office.example"


def make_action(kind: str = "letter", **options: Any) -> Action:
    action = makers.make_petition(
        slug="save-bus-7", kind=kind, titles={"en": "Save bus 7"}, goal=None, options=options, goal_from=0
    )
    factories.add(SuggestedText(action_id=action.id, kind="letter", language="en", **LETTER))
    factories.add(SuggestedText(action_id=action.id, kind="call", language="en", subject="", text="Hello, keep bus 7."))
    db.session.commit()
    return action


def make_target(action: Action, name: str = "City clerk", **values: Any) -> Target:
    given = values or {"email": CLERK}
    target = factories.add(Target(action_id=action.id, name=name, **given))
    db.session.commit()
    return target


def make_member(key: str, name: str, *zip_codes: str, phone: str = "202-225-0001", form: str = "") -> Influencer:
    """A member of Congress who holds the office of that key, e.g. us-house:MI-5, and the ZIP codes of the district."""
    state, _, place = key.rpartition(":")[2].partition("-")
    house = key.startswith("us-house")
    body = "U.S. House of Representatives" if house else "U.S. Senate"
    role = "U.S. Representative" if house else "U.S. Senator"
    values = {"role": role, "body": body, "state": state, "district": place if house else "", "phone": phone}
    one = factories.make_influencer(name, "Member", web_form=form, external_id=f"bioguide:{key}", **values)
    office = factories.add(Office(key=key, title=key, body=body, state=state, district=place if house else ""))
    db.session.add(Holding(office_id=office.id, influencer_id=one.id))
    for zip_code in zip_codes:
        db.session.add(District(zip_code=zip_code, state=state, district=int(place)))
    db.session.commit()
    return one


def choices(html: str) -> list[str]:
    """What the page offers to tick."""
    return re.findall(r'name="did"[^>]*value="([^"]+)"', html)


def ticked(html: str) -> list[str]:
    boxes = re.findall(r'<input type="checkbox" name="did"[^>]*>', html)
    return [re.search(r'value="([^"]+)"', box)[1] for box in boxes if " checked" in box]


def send(client, email: str = AMINA, *, query: str = "", **values: Any):
    """Write on the page what it suggests, to all offices by mail; returns the answer."""
    did = values.pop("did", None) or ticked(client.page(PAGE + query).text)
    given = {**LETTER, "zip_code": "48104", "did": did} | values
    return makers.send(client, email, url=PAGE, query=query, **given)


def write(client, email: str = AMINA, **values: Any):
    """Write and confirm; returns the page that thanks."""
    answer = send(client, email, **values)
    assert answer.status_code == 303, answer.text
    return client.send(confirm_path(email))


def outreach() -> list[Outreach]:
    db.session.expire_all()
    return list(db.session.scalars(select(Outreach).order_by(Outreach.id)))


def letters(address: str = CLERK) -> list[Delivery]:
    db.session.expire_all()
    return list(db.session.scalars(select(Delivery).where(Delivery.address == address).order_by(Delivery.id)))


def mailed_to() -> set[str]:
    """All addresses that mail was written to."""
    db.session.expire_all()
    return set(db.session.scalars(select(Delivery.address)))
