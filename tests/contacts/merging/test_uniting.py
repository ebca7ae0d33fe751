"""Merging two contacts: what moves, what was refused stays refused, and old links and addresses lead on."""

import io

import pytest
from sqlalchemy import func, select

from crm.base import references, signing
from crm.base.changes import Refused
from crm.base.models import AuditEntry
from crm.contacts import by_hand, consent, leaving, links, sources, subscriptions, tagging, timeline
from crm.contacts.merging import copies, former, uniting
from crm.contacts.merging.models import MergedContact
from crm.contacts.models import ConsentRecord, Contact, SignUp, Subscription, TimelineEntry
from crm.delivery import suppression, unsubscribing
from crm.extensions import db
from crm.transfer import work
from tests import factories
from tests.mailings.makers import make_consent


def states(contact):
    return subscriptions.states(contact)


@pytest.fixture
def both(app):
    """Two records of Amina: the first stays."""
    kept = factories.make_contact("amina@mail.example", last_name="Diallo", topics={"action-alerts": "active"})
    gone = factories.make_contact("amina@work.example", last_name="Diallo", phone="555-0100", city="Boston")
    db.session.commit()
    return kept, gone


def merge(kept, gone, user, *of_gone):
    merged = uniting.merge(kept.id, gone.id, of_gone, user)
    db.session.commit()
    copies.settle_again(merged)
    db.session.commit()
    return db.session.get(Contact, merged.contact_id)


def test_one_record_is_left_with_what_either_says(both, alice):
    kept, gone = both
    tagging.add([kept.id], "nurse")
    tagging.add([gone.id], "nurse")
    tagging.add([gone.id], "board")
    timeline.record(gone, "staff", "Came to the forum")
    record = make_consent(gone, "research")
    gone_id = gone.id
    person = merge(kept, gone, alice, "city")
    assert db.session.get(Contact, gone_id) is None
    assert (person.email, person.phone, person.city) == ("amina@mail.example", "555-0100", "Boston")
    assert sorted(tag.name for tag in person.tags) == ["board", "nurse"]
    assert "Came to the forum" in db.session.scalars(select(TimelineEntry.title)).all()
    assert db.session.get(ConsentRecord, record.id).contact_id == person.id
    assert db.session.get(ConsentRecord, record.id).address_hash == "x"
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.verb == "merge"))
    assert (entry.thing_id, entry.changes["gone"]) == (person.id, [gone_id, None])


def test_no_row_of_any_table_names_the_record_that_is_gone(both, alice):
    kept, gone = both
    gone_id = gone.id
    factories.make_influencer(contact=gone)
    timeline.record(gone, "staff", "x")
    merge(kept, gone, alice)
    for column in references.holders(Contact.__table__):
        assert not db.session.scalar(select(func.count()).where(column == gone_id)), column


@pytest.mark.parametrize(
    ("mine", "theirs", "after"),
    [
        ("active", "active", "active"),
        ("active", "unsubscribed", "unsubscribed"),
        ("unsubscribed", "active", "unsubscribed"),
        ("pending", "active", "pending"),
        ("active", "pending", "active"),
        ("pending", "unsubscribed", "unsubscribed"),
        (None, "active", "active"),
        (None, "unsubscribed", "unsubscribed"),
        ("active", None, "active"),
    ],
)
def test_no_merge_raises_consent_and_the_stronger_refusal_wins(app, alice, mine, theirs, after):
    kept, gone = (
        factories.make_contact(topics={"research": state} if state else {}, last_name="Diallo")
        for state in (mine, theirs)
    )
    person = merge(kept, gone, alice)
    assert states(person) == {"research": after}
    if after == "unsubscribed" and mine != "unsubscribed":
        assert suppression.blocks(person.email, "research")


def test_where_the_other_address_is_kept_its_state_holds(app, alice):
    kept = factories.make_contact("a@mail.example", topics={"research": "active"})
    gone = factories.make_contact("b@mail.example", topics={"research": "pending"})
    person = merge(kept, gone, alice, "email")
    assert person.email == "b@mail.example" and states(person) == {"research": "pending"}
    assert former.with_address("a@mail.example").id == person.id


def test_who_left_all_mail_at_one_address_has_left_it_at_the_other(both, alice):
    kept, gone = both
    leaving.unsubscribe(gone, None, method="unsubscribe_page")
    person = merge(kept, gone, alice)
    assert states(person) == {"action-alerts": "unsubscribed"}
    assert suppression.reasons("amina@mail.example") == {"*": "unsubscribe"}
    assert suppression.reasons("amina@work.example") == {"*": "unsubscribe"}


def test_a_dead_address_takes_nothing_from_the_one_that_works(both, alice):
    kept, gone = both
    suppression.suppress(gone.email, "hard_bounce")
    person = merge(kept, gone, alice)
    assert states(person) == {"action-alerts": "active"} and suppression.reasons(person.email) == {}
    assert suppression.reasons("amina@work.example") == {"*": "hard_bounce"}


def test_links_in_mail_to_the_record_that_is_gone_act_on_the_one_that_stays(both, alice, client, app):
    kept, gone = both
    token, number = links.preferences_token(gone.id), gone.id
    third = factories.make_contact("third@mail.example", topics={"research": "active"})
    person = merge(kept, gone, alice)
    person = merge(third, person, alice)  # A chain: the first pointer follows.
    assert "third@mail.example" in client.page(f"/preferences/{token}").text
    signed = signing.sign("unsubscribe", f"{number}:research")
    assert client.post(f"/unsubscribe/{signed}", data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert states(db.session.get(Contact, person.id))["research"] == "unsubscribed"
    assert leaving.address_of(number) == "third@mail.example"
    assert leaving.by_mail(number, unsubscribing.tag_of("action-alerts"), "test")
    assert states(db.session.get(Contact, person.id))["action-alerts"] == "unsubscribed"


def test_who_leaves_by_an_old_link_has_left_at_the_address_given_up_too(both, alice):
    kept, gone = both
    number = gone.id
    merge(kept, gone, alice)
    assert leaving.by_mail(number, unsubscribing.tag_of("action-alerts"), "test")
    for email in ("amina@mail.example", "amina@work.example"):
        assert suppression.reasons(email) == {"action-alerts": "unsubscribe"}


def test_a_share_code_of_the_record_that_is_gone_still_credits_a_supporter(both, alice):
    kept, gone = both
    code = gone.share_code
    merge(kept, gone, alice)
    source = db.session.get(sources.Source, sources.of_visit(sources.Trail(via=code)))
    assert source.kind == "supporter"


def test_what_waits_to_be_confirmed_at_the_address_given_up_is_void(both, alice, client):
    kept, gone = both
    for contact in (kept, gone):
        values = {
            "form_digest": contact.email,
            "mail": "confirm",
            "language": "en",
            "typed": {},
            "topics": ["webinars"],
        }
        factories.add(SignUp(contact_id=contact.id, made_contact=True, **values))
    merge(kept, gone, alice)
    rows = db.session.execute(select(SignUp.form_digest, SignUp.state, SignUp.made_contact))
    assert sorted(rows) == [("amina@mail.example", "open", False), ("amina@work.example", "void", False)]


def test_an_import_of_the_address_given_up_finds_the_person_and_subscribes_to_nothing(both, alice, as_alice):
    kept, gone = both
    merge(kept, gone, alice)
    text = "email,first_name,zip,tags\namina@work.example,Amina,02110,nurse\namina@mail.example,Amina,,nurse\n"
    as_alice.send("/staff/imports/", {"file": (io.BytesIO(text.encode()), "people.csv")})
    form = {"topics": "research", "consent": "They agreed on paper in May", "holds": ""}
    form |= {"column-0": "email", "column-1": "first_name", "column-2": "zip_code", "column-3": "tags"}
    as_alice.send("/staff/imports/1/check", form)
    work.work()
    as_alice.send("/staff/imports/1/run")
    work.work()
    db.session.expire_all()
    [person] = db.session.scalars(select(Contact)).all()
    assert (person.zip_code, [tag.name for tag in person.tags]) == ("02110", ["nurse"])
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 1


def test_nobody_adds_the_address_given_up_by_hand_a_second_time(both, alice):
    kept, gone = both
    merge(kept, gone, alice)
    with pytest.raises(by_hand.Refused, match="on record already: Amina Diallo"):
        by_hand.add(by_hand.NewContact("amina@work.example", {}, how=by_hand.NOTHING))


def test_the_second_of_two_who_merge_the_same_is_told(both, alice, oscar):
    kept, gone = both
    third = factories.make_contact("third@mail.example")
    gone_id = gone.id
    merge(kept, gone, alice)
    for pair in ((kept.id, gone_id), (third.id, gone_id), (gone_id, third.id)):
        with pytest.raises(Refused, match="has merged one of these two records"):
            uniting.merge(*pair, (), oscar)
    with pytest.raises(Refused, match="no such person"):
        uniting.merge(kept.id, 99_999, (), oscar)
    with pytest.raises(Refused, match="the same record"):
        uniting.merge(kept.id, kept.id, (), oscar)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(MergedContact)) == 1


def test_records_without_an_address_can_be_merged(app, alice):
    one = factories.add(Contact(first_name="Ida", last_name="Noaddress", organization_name="Acme"))
    two = factories.make_contact("ida@mail.example", topics={"research": "active"})
    person = merge(one, two, alice)
    assert person.email == "ida@mail.example" and states(person) == {"research": "active"}
    assert person.confirmed_at and db.session.scalar(select(func.count()).select_from(Subscription)) == 1
    assert consent.latest(person) is None
