"""Segments by where people came from, what they agreed to when, whom they brought, and dates relative to now."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from crm.base import clock
from crm.base.segment_fields import segment_fields
from crm.contacts import bringing, segments, sources
from crm.contacts.merging.models import MergedContact
from crm.contacts.models import ConsentRecord, Contact, SignUp
from crm.contacts.segments import BadDefinition
from crm.contacts.sources import Trail
from crm.extensions import db
from tests import factories

MID_MARCH = datetime(2026, 3, 15, 12, tzinfo=UTC)


def agreed(contact: Contact, days_ago: int) -> None:
    at = clock.now() - timedelta(days=days_ago)
    values = {"act": "given", "purpose": "sign_up", "method": "double_opt_in", "evidence": {}}
    factories.add(ConsentRecord(contact_id=contact.id, address_hash="x", at=at, **values))


@pytest.fixture
def people(app):
    """Amina shared and agreed twice, Bea came by Amina's link, Carol by a member's, Dina by a campaign."""
    make = factories.make_contact
    member = factories.make_organization("Harbor Clinic", is_member=True, via="harbor")
    trails = {
        "bea": Trail(via="amina-code"),
        "carol": Trail(via="harbor", utm_source="flyer"),
        "dina": Trail(utm_campaign="spring", utm_source="social"),
    }
    amina = make("amina@mail.example", topics={"research": "active", "webinars": "active"}, share_code="amina-code")
    amina.phone = "617 555 0100"
    db.session.flush()
    made = {name: make(f"{name}@mail.example", source_id=sources.of_visit(trail)) for name, trail in trails.items()}
    made["bea"].confirmed_at = clock.now()
    agreed(amina, 90)
    agreed(amina, 10)
    agreed(made["carol"], 90)
    factories.add(ConsentRecord(contact_id=None, address_hash="y", act="given", purpose="x", method="x", evidence={}))
    made["dina"].email = None
    db.session.commit()
    return {"amina": amina, "member": member, **made}


def found(*conditions: tuple[str, str, str], negate: bool = False) -> str:
    items = [{"field": field, "test": test, "value": value} for field, test, value in conditions]
    ids = segments.select({"op": "and", "not": negate, "items": items})
    codes = db.session.execute(db.select(Contact.email, Contact.id).where(Contact.id.in_(ids)))
    return "".join(sorted((email or "dina")[0] for email, _ in codes))


@pytest.mark.parametrize(
    ("condition", "who"),
    [
        (("utm_campaign", "is", "spring"), "d"),
        (("utm_source", "is", "flyer"), "c"),
        (("utm_source", "is_not", "flyer"), "abd"),
        (("brought", "at_least", "1"), "a"),
        (("brought", "at_least", "0"), "abcd"),
        (("brought", "at_most", "0"), "bcd"),
        (("brought", "exactly", "1"), "a"),
        (("brought", "at_least", "2"), ""),
        (("brought_by", "is", "amina-code"), "b"),
        (("brought_by", "is_not", "amina-code"), "acd"),
        (("consent", "last_days", "30"), "a"),
        (("consent", "not_last_days", "30"), "bcd"),
        (("consent", "older_days", "30"), "c"),
        (("consent", "filled", ""), "ac"),
        (("consent", "empty", ""), "bd"),
        (("phone", "yes", ""), "a"),
        (("phone", "no", ""), "bcd"),
        (("email", "contains", "mail.example"), "abc"),
        (("email", "empty", ""), "d"),
        (("name", "starts", "amina contact"), "abcd"),
        (("topics", "at_least", "2"), "a"),
        (("topics", "exactly", "0"), "bcd"),
        (("confirmed", "not_last_days", "30"), "cd"),
        (("confirmed", "next_days", "30"), ""),
    ],
)
def test_each_field_finds_whom_it_describes(people, condition, who):
    assert found(condition) == who
    rest = "".join(letter for letter in "abcd" if letter not in who)
    assert found(condition, negate=True) == rest, "NOT finds everybody else, the unknown ones too"


def test_a_member_finds_whom_it_brought(people):
    assert found(("member", "is", str(people["member"].id))) == "c"
    assert found(("member", "is_not", str(people["member"].id))) == "abd"
    assert found(("member", "is", "no number")) == ""


def test_pending_and_unsubscribed_topics_are_fields_of_their_own(app):
    factories.make_contact("bea@mail.example", topics={"research": "pending"})
    factories.make_contact("carol@mail.example", topics={"research": "unsubscribed"})
    assert found(("topic_pending", "is", "research")) == "b"
    assert found(("topic_left", "is", "research")) == "c"
    assert found(("topic_left", "is_not", "research")) == "b"


def test_who_came_by_a_link_and_did_something_else_than_sign_up_counts_once_it_is_confirmed(people, as_bob):
    people["bea"].confirmed_at = None
    about = {"form_digest": "x", "mail": "confirm", "language": "en", "deed_kind": "signature", "state": "open"}
    deed = factories.add(SignUp(contact_id=people["bea"].id, **about))
    assert found(("brought", "at_least", "1")) == found(("brought_by", "is", "amina-code")) == ""
    deed.state = "confirmed"
    db.session.commit()
    assert found(("brought", "at_least", "1")) == "a" and found(("brought_by", "is", "amina-code")) == "b"
    assert "?brought_by=amina-code" in as_bob.page(f"/staff/people/{people['amina'].id}").text


def test_credit_for_sharing_follows_a_merge(people):
    people["carol"].source_id = people["bea"].source_id
    people["carol"].confirmed_at = clock.now()
    people["amina"].share_code = "another"
    gone = MergedContact(gone_id=9999, contact_id=people["amina"].id, share_code="amina-code", merged_by="Alice")
    factories.add(gone)
    assert found(("brought", "at_least", "2")) == "a"


def test_who_brought_the_most_is_offered_and_anybody_else_is_known_by_name(people, as_oscar, monkeypatch):
    people["carol"].share_code = "carol-code"
    for name, code in (("emil", "amina-code"), ("fay", "carol-code")):
        made = factories.make_contact(f"{name}@mail.example", source_id=sources.of_visit(Trail(via=code)))
        made.confirmed_at = clock.now()
    db.session.commit()
    field, amina, carol = segment_fields["brought_by"], people["amina"].name, people["carol"].name
    assert field.choices() == [("amina-code", amina), ("carol-code", carol)]
    monkeypatch.setattr(bringing, "OFFERED", 1)
    assert field.choices() == [("amina-code", amina)]
    assert field.offered("carol-code") == [("amina-code", amina), ("carol-code", carol)]
    assert field.offered("nobody")[-1] == ("nobody", "nobody (no longer in use)")
    page = as_oscar.page("/staff/people/?brought_by=carol-code").text
    assert f'<option value="carol-code" selected>{carol}</option>' in page
    assert f"“{carol}”" in segments.describe(
        {"op": "and", "not": False, "items": [{"field": "brought_by", "test": "is", "value": "carol-code"}]}
    )


def test_this_month_is_that_of_the_coalitions_clocks(app):
    coalition = db.session.query(factories.Coalition).one()
    coalition.zone = "America/New_York"
    factories.make_contact("amina@mail.example", confirmed_at=datetime(2026, 3, 1, 5, 0, tzinfo=UTC))
    factories.make_contact("bea@mail.example", confirmed_at=datetime(2026, 3, 1, 4, 59, tzinfo=UTC))
    factories.make_contact("carol@mail.example", confirmed_at=datetime(2026, 4, 1, 3, 59, tzinfo=UTC))
    db.session.commit()
    with time_machine.travel(MID_MARCH, tick=False):
        assert found(("confirmed", "this_month", "")) == "ac"
        assert found(("confirmed", "last_days", "16")) == "ab"
        assert found(("confirmed", "next_days", "30")) == "c"
    with time_machine.travel(MID_MARCH.replace(month=4), tick=False):
        assert found(("confirmed", "this_month", "")) == ""


@pytest.mark.parametrize("value", ["-1", "2.5", "many", "²", "9" * 30, "", "x\0y"])
def test_what_is_no_number_is_refused_in_words(app, value):
    with pytest.raises(BadDefinition, match=r"Others brought by sharing: (write a whole|say what|the value holds)"):
        found(("brought", "at_least", value))


def test_the_menu_of_fields_is_parted_into_groups(as_oscar):
    page = as_oscar.page("/staff/segments/new").text
    typed = {"g.kind": "group", "g.op": "and", "g.n": "1", "g.0.kind": "condition", "g.0.field": "brought"}
    page = as_oscar.send("/staff/segments/new", {**typed, "name": "x", "do": "show"}).text
    for group in ("Profile", "Place", "Topics", "Source and consent", "Influencers", "Asks", "Mailings"):
        assert f'<optgroup label="{group}">' in page
    assert "at least" in page
    assert 'inputmode="numeric"' in page
