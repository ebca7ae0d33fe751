"""What an import may change of people on record, and what it never changes."""

import pytest
from sqlalchemy import func, select

from crm.contacts import leaving, subscriptions
from crm.contacts.models import ConsentRecord, Contact, Source, Subscription, Tag, TimelineEntry
from crm.delivery import suppression
from crm.extensions import db
from tests import factories
from tests.transfer.files import action_network, bring_in, mailchimp

pytestmark = pytest.mark.usefixtures("app")
CONSENT = "Signed our paper form at the May 2023 fair, which says that we will send e-mail."


def contact(email: str = "amina@mail.example") -> Contact:
    db.session.expire_all()
    return db.session.scalars(select(Contact).where(Contact.email == email)).one()


def states(email: str = "amina@mail.example") -> dict[str, str]:
    return subscriptions.states(contact(email))


def records(email: str = "amina@mail.example") -> list[ConsentRecord]:
    query = select(ConsentRecord).where(ConsentRecord.contact_id == contact(email).id).order_by(ConsentRecord.id)
    return list(db.session.scalars(query))


def everything() -> list[list]:
    """All rows of the tables that an import writes, to compare before and after."""
    tables = [Contact, Subscription, ConsentRecord, Tag, TimelineEntry, Source]
    db.session.expire_all()
    return [[tuple(row) for row in db.session.execute(select(t.__table__).order_by(t.id))] for t in tables]


def test_opt_in_and_confirmation_times_become_each_rows_evidence():
    counts = bring_in(mailchimp(("Amina@Mail.Example", "2022-01-01 08:00:00", "2022-01-02 09:30:00")))
    assert counts == {"new": 1, "activated": 1}
    assert states() == {"action-alerts": "active"}
    (record,) = records()
    assert record.evidence["optin_time"] == "2022-01-01T08:00:00+00:00"
    assert record.evidence["confirm_time"] == "2022-01-02T09:30:00+00:00"
    assert (record.evidence["file"], record.evidence["row"]) == ("people.csv", "2")
    assert (record.act, record.method, record.actor) == ("given", "import", "alice@bridgeway.example")
    assert contact().confirmed_at.isoformat() == "2022-01-02T09:30:00+00:00"


def test_nobody_is_made_active_without_evidence_or_a_statement():
    counts = bring_in(mailchimp(("amina@mail.example", "", "")))
    assert counts == {"new": 1, "no_consent": 1}
    assert states() == {}
    assert records() == []


def test_a_statement_of_consent_fills_the_gaps_and_stands_in_the_record():
    text = mailchimp(("amina@mail.example", "", ""), ("carol@mail.example", "2022-01-01 08:00:00", ""))
    assert bring_in(text, consent=CONSENT) == {"new": 2, "activated": 2}
    assert records()[0].evidence["statement"] == CONSENT
    assert "statement" not in records("carol@mail.example")[0].evidence


def test_action_networks_own_status_is_no_evidence_but_its_date_is_kept_with_the_statement():
    text = action_network(("amina@mail.example", "subscribed"))
    assert bring_in(text) == {"new": 1, "no_consent": 1}
    assert bring_in(text, consent=CONSENT) == {"updated": 1, "activated": 1}
    assert records()[0].evidence["subscribed_at"] == "2023-05-01T10:00:00+00:00"
    assert contact().confirmed_at.isoformat() == "2023-05-01T10:00:00+00:00"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("unsubscribed", "unsubscribe"),
        ("bouncing", "hard_bounce"),
        ("previous bounce", "hard_bounce"),
        ("Spam Complaint", "complaint"),
        ("cleaned", "hard_bounce"),
    ],
)
def test_who_left_or_bounced_elsewhere_is_kept_as_unsubscribed_and_suppressed(status, reason):
    counts = bring_in(action_network(("amina@mail.example", status)), consent=CONSENT)
    assert counts == {"new": 1, "taken_out": 1}
    assert states() == {"action-alerts": "unsubscribed"}
    assert suppression.reasons("amina@mail.example") == {"*": reason}


@pytest.mark.parametrize("status", ["", "unconfirmed", "none"])
def test_an_unclear_status_is_never_made_active(status):
    assert bring_in(action_network(("amina@mail.example", status)), consent=CONSENT) == {"new": 1, "no_consent": 1}


def test_an_unknown_status_is_an_error_of_its_row():
    assert bring_in(action_network(("amina@mail.example", "vip")), consent=CONSENT) == {"errors": 1}


@pytest.mark.parametrize(
    ("filename", "column", "cell", "reason"),
    [
        ("unsubscribed_members_export_1.csv", "NOTES", "", "unsubscribe"),
        ("people.csv", "UNSUB_TIME", "2023-05-01 09:00:00", "unsubscribe"),
        ("cleaned_members_export_1.csv", "NOTES", "", "hard_bounce"),
    ],
)
def test_mailchimps_files_of_unsubscribed_and_cleaned_people_only_suppress(filename, column, cell, reason):
    text = mailchimp(("amina@mail.example", "2022-01-01 08:00:00", "2022-01-01 08:00:00"))
    text = text.replace("TAGS", f"TAGS,{column}").rstrip() + f",{cell}\n"
    assert bring_in(text, filename=filename, consent=CONSENT) == {"new": 1, "taken_out": 1}
    assert suppression.reasons("amina@mail.example") == {"*": reason}


def test_an_empty_time_of_leaving_takes_nobody_out():
    text = mailchimp(("amina@mail.example", "2022-01-01 08:00:00", "2022-01-01 08:00:00"))
    text = text.replace("TAGS", "TAGS,UNSUB_TIME").rstrip() + ",\n"
    assert bring_in(text, filename="people.csv")["activated"] == 1
    assert suppression.reasons("amina@mail.example") == {}


def test_an_unsubscribe_here_is_never_lifted_by_an_import():
    person = factories.make_contact("amina@mail.example", topics={"action-alerts": "active"})
    leaving.unsubscribe(person, None, method="link")
    db.session.commit()
    text = mailchimp(("amina@mail.example", "2022-01-01 08:00:00", "2022-01-01 08:00:00"))
    assert bring_in(text, consent=CONSENT)["kept_out"] == 1
    assert states() == {"action-alerts": "unsubscribed"}
    assert suppression.reasons("amina@mail.example") == {"*": "unsubscribe"}


@pytest.mark.parametrize("list_id", ["*", "action-alerts"])
def test_a_suppressed_address_is_not_made_active_even_where_the_person_is_new(list_id):
    suppression.suppress("amina@mail.example", "hard_bounce", list_id)
    db.session.commit()
    assert bring_in(action_network(("amina@mail.example", "subscribed")), consent=CONSENT) == {"new": 1, "kept_out": 1}
    assert states() == {}


def test_who_is_active_here_but_left_elsewhere_is_taken_out():
    factories.make_contact("amina@mail.example", topics={"action-alerts": "active", "research": "pending"})
    db.session.commit()
    assert bring_in(action_network(("amina@mail.example", "unsubscribed")))["taken_out"] == 1
    assert set(states().values()) == {"unsubscribed"}
    assert [record.act for record in records()] == ["withdrawn"]


def test_a_double_opt_in_here_after_the_unsubscribe_there_stands():
    person = factories.make_contact("amina@mail.example", topics={"action-alerts": "active"})
    factories.add(
        ConsentRecord(
            contact_id=person.id, address_hash="x", act="given", purpose="sign_up", method="double_opt_in", evidence={}
        )
    )
    db.session.commit()
    text = "email,unsubscribed_at\namina@mail.example,2020-01-01 10:00:00\n"
    assert bring_in(text) == {"unchanged": 1}
    assert states() == {"action-alerts": "active"}
    assert suppression.reasons("amina@mail.example") == {}


def test_a_bounce_replaces_an_unsubscribe_and_not_the_other_way_round():
    bring_in(action_network(("amina@mail.example", "unsubscribed")))
    assert bring_in(action_network(("amina@mail.example", "bouncing")))["taken_out"] == 1
    assert bring_in(action_network(("amina@mail.example", "unsubscribed"))) == {"unchanged": 1}
    assert suppression.reasons("amina@mail.example") == {"*": "hard_bounce"}


def test_what_is_on_record_is_filled_in_but_not_overwritten():
    factories.make_contact("amina@mail.example", first_name="Amina", last_name="", zip_code="", city="Lowell")
    db.session.commit()
    text = "email,first name,last name,zip,city\namina@mail.example,A.,Haddad,02116,\n"
    assert bring_in(text)["updated"] == 1
    person = contact()
    assert (person.first_name, person.last_name, person.zip_code, person.city) == ("Amina", "Haddad", "02116", "Lowell")


def test_tags_are_added_and_none_is_taken_away():
    person = factories.make_contact("amina@mail.example")
    person.tags.append(factories.make_tag("Board"))
    db.session.commit()
    bring_in(mailchimp(("amina@mail.example", "", "")))
    assert {tag.name for tag in contact().tags} == {"Board", "Nurses", "New York, NY"}
    bring_in(action_network(("carol@mail.example", "")))
    assert {tag.name for tag in contact("carol@mail.example").tags} == {"Nurses", "Boston"}


def test_importing_a_file_twice_changes_nothing():
    text = action_network(
        ("amina@mail.example", "subscribed"), ("carol@mail.example", "unsubscribed"), ("dina@mail.example", "")
    )
    bring_in(text, consent=CONSENT)
    before = everything()
    counts = bring_in(text, consent=CONSENT)
    assert counts == {"unchanged": 3, "no_consent": 1}
    assert everything() == before


def test_a_dry_run_counts_the_same_and_changes_nothing():
    factories.make_contact("known@mail.example", topics={"action-alerts": "unsubscribed"}, zip_code="")
    db.session.commit()
    text = action_network(
        ("amina@mail.example", "subscribed"),
        ("known@mail.example", "subscribed"),
        ("carol@mail.example", "bouncing"),
        ("not an address", "subscribed"),
        ("Amina@mail.example", "subscribed"),
    )
    before = everything()
    expected = bring_in(text, consent=CONSENT, dry=True)
    assert everything() == before
    assert expected == {
        "new": 2, "updated": 1, "activated": 1, "kept_out": 1, "taken_out": 1, "errors": 1, "doubled": 1
    }  # fmt: skip
    assert bring_in(text, consent=CONSENT) == expected


@pytest.mark.parametrize("order", [("subscribed", "unsubscribed"), ("unsubscribed", "subscribed")])
def test_of_two_rows_for_one_address_the_unsubscribe_wins(order):
    text = action_network(*[("amina@mail.example", status) for status in order])
    assert bring_in(text, consent=CONSENT)["doubled"] == 1
    assert states() == {"action-alerts": "unsubscribed"}


def test_topics_are_those_that_were_chosen():
    text = action_network(("amina@mail.example", "subscribed"))
    bring_in(text, consent=CONSENT, topics=("research", "webinars"))
    assert states() == {"research": "active", "webinars": "active"}


def test_each_person_carries_the_source_and_a_line_in_the_timeline():
    bring_in(action_network(("amina@mail.example", "subscribed")), consent=CONSENT)
    assert (contact().source.kind, contact().source.label) == ("import", "Action Network import")
    entry = db.session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "import")).one()
    assert entry.title == "Imported from people.csv (Action Network)"


def test_addresses_ip_numbers_and_unknown_columns_are_not_kept():
    bring_in(mailchimp(("amina@mail.example", "2022-01-01 08:00:00", "2022-01-01 08:00:00")))
    assert "203.0.113" not in str(records()[0].evidence)
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 1
