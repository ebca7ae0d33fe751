"""Merging two contacts of whom one or both are influencers: the work follows, and no member learns of another's."""

import re
from datetime import date

import pytest
from sqlalchemy import func, select

from crm.base import clock
from crm.base.changes import Collision, Refused
from crm.contacts.merging import copies, pairs, uniting
from crm.contacts.models import Contact, TimelineEntry
from crm.extensions import db
from crm.influencers import asks, interactions, notes, pipeline, profiles
from crm.influencers.models import Influencer
from crm.influencers.network import acquaintances
from crm.influencers.network.acquaintances import Knower
from crm.influencers.network.models import Acquaintance
from crm.influencers.offices import holdings, staffing
from crm.influencers.offices.models import CommitteeSeat, Holding, Office, OfficeContact
from crm.influencers.positions import stances
from crm.influencers.profiles import Facts
from crm.influencers.snoozes import snoozing
from crm.influencers.tasks import tracking
from tests import factories

DAY = clock.today("America/New_York")


def merge(kept, gone, user, *of_gone):
    merged = uniting.merge(kept.id, gone.id, of_gone, user)
    db.session.commit()
    copies.settle_again(merged)
    db.session.commit()
    return db.session.get(Contact, merged.contact_id)


@pytest.fixture
def north(app):
    return factories.make_organization("North", is_member=True, via="north")


@pytest.fixture
def nora(north):
    return factories.make_user("organizer", name="Nora", organization_id=north.id)


@pytest.fixture
def sam(app):
    south = factories.make_organization("South", is_member=True, via="south")
    return factories.make_user("organizer", name="Sam", organization_id=south.id)


def test_a_profile_follows_to_a_contact_that_has_none(app, oscar):
    contact = factories.make_contact()
    one = factories.make_influencer("Ada", "Adams")
    ask = factories.make_ask(one, oscar)
    db.session.commit()
    person = merge(contact, one.contact, oscar)
    assert profiles.of(person).id == one.id and ask.influencer.contact_id == person.id


def test_two_profiles_become_one_with_all_that_was_done(app, oscar, as_oscar):
    mine = factories.make_influencer("Ada", "Adams", role="Chair", notes="Likes letters", interest=2)
    theirs = factories.make_influencer("Ada", "Adams", role="Chairwoman", body="Senate", notes="Met in May", interest=4)
    campaign, other = factories.make_campaign("Licensing"), factories.make_campaign("Schools")
    stances.note(mine, campaign.id, "supporter", "said so", oscar, 0)
    stances.note(theirs, campaign.id, "skeptic", "doubted", oscar, 0)
    stances.note(theirs, other.id, "champion", "", oscar, 0)
    for stage in ("connected", "engaged", "asked"):
        pipeline.move(theirs, stage, oscar, "Step by step")
    ask = factories.make_ask(theirs, oscar, title="Speak in June")
    asks.advance(ask, "made", oscar)
    interactions.log(theirs.contact, "call", DAY, "She called", oscar)
    notes.write(theirs, "Careful", oscar, organization_id=None, admins_only=False)
    snoozing.snooze(theirs, "On leave", DAY.replace(year=DAY.year + 1), oscar, DAY)
    db.session.commit()
    seen_version = mine.version
    merge(mine.contact, theirs.contact, oscar, "influencer.role", "influencer.stage")
    [one] = db.session.scalars(select(Influencer)).all()
    assert (one.id, one.role, one.body, one.interest, one.stage) == (mine.id, "Chairwoman", "Senate", 2, "asked")
    assert one.notes == "Likes letters\n\nMet in May"
    assert {position.campaign.name: position.stance for position in stances.of(one)} == {
        "Licensing": "supporter",
        "Schools": "champion",
    }
    assert len(stances.changes_of(one)) == 3
    pages = [as_oscar.page(f"/staff/influencers/{one.id}{part}").text for part in ("", "/history")]
    page = "".join(pages)
    for words in ("Speak in June", "She called", "Careful", "Step by step", "On leave", "became one"):
        assert words in page
    with pytest.raises(Collision):  # Whoever had the form open before is shown what came.
        profiles.edit(one, {"role": "X"}, oscar, seen_version)
    assert profiles.edit(one, {"role": "Y"}, oscar, one.version)
    pipeline.move(one, "champion", oscar, expected_version=one.version)
    urls = set(db.session.scalars(select(TimelineEntry.url).where(TimelineEntry.url.contains("/staff/influencers/"))))
    assert urls == {f"/staff/influencers/{one.id}"}


def test_nobody_knows_oneself_and_doubles_fold_to_the_stronger(app, oscar, nora):
    mine, theirs, friend = factories.make_contact(), factories.make_contact(), factories.make_contact()
    acquaintances.add(mine, Knower(contact=theirs), {"strength": 5, "kind": "family"}, oscar)
    acquaintances.add(mine, Knower(contact=friend), {"strength": 2, "kind": "other", "remark": "School"}, oscar)
    acquaintances.add(friend, Knower(contact=theirs), {"strength": 4, "kind": "board", "last_contact_on": DAY}, oscar)
    acquaintances.add(theirs, Knower(user=oscar), {"strength": 3, "kind": "other", "seen_by": "members"}, oscar)
    acquaintances.add(theirs, Knower(contact=friend), {"strength": 1, "kind": "other"}, nora)
    db.session.commit()
    person = merge(mine, theirs, oscar)
    rows = db.session.scalars(select(Acquaintance).order_by(Acquaintance.strength)).all()
    assert [(row.strength, row.kind, row.remark, row.last_contact_on) for row in rows] == [
        (1, "other", "", None),
        (3, "other", "", None),
        (4, "board", "School", DAY),
    ]
    assert all(person.id in (row.contact_id, row.knower_contact_id) for row in rows)
    assert rows[0].organization_id == nora.organization_id and rows[2].version > 1


def test_profiles_that_not_the_same_staff_see_are_not_merged(app, oscar, nora, as_oscar):
    shared, own = factories.make_influencer("Ada", "A"), factories.make_influencer("Ada", "A")
    own.organization_id = nora.organization_id
    db.session.commit()
    for user in (oscar, nora):
        with pytest.raises(Refused, match="Not the same staff see both"):
            uniting.merge(shared.contact_id, own.contact_id, (), user)
        db.session.rollback()
    url = f"/staff/people/{shared.contact_id}/merge/{own.contact_id}"
    token = re.search(r'name="seen"[^>]*value="([0-9a-f]+)"', as_oscar.page(url).text)[1]
    assert "Not the same staff see both" in as_oscar.send(url, {"seen": token}, status=422).text


def test_nobody_learns_by_a_merge_of_an_influencer_of_another_member(app, nora, sam, client_of):
    values = {"organization_name": "Acme", "zip_code": "02110"}
    plain = factories.make_contact(first_name="Quill", last_name="Quillson", **values)
    hidden = factories.make_contact(first_name="Quill", last_name="Quillson", **values)
    factories.make_influencer(contact=hidden, organization_id=nora.organization_id, role="Xyzzy")
    db.session.commit()
    browser, unknown = client_of(sam), 99_999
    assert pairs.found(sam) == [] and len(pairs.found(nora)) == 1
    assert "No possible duplicates" in browser.page("/staff/people/duplicates").text
    page = browser.page(f"/staff/people/{plain.id}/merge?q=Quillson").text
    assert "Nobody else on record" in page and "May be the same" not in browser.page(
        f"/staff/people/{plain.id}/merge"
    ).text.replace("&nbsp;", " ")
    for number in (hidden.id, unknown):
        answers = [
            browser.get(f"/staff/people/{plain.id}/merge/{number}"),
            browser.post(f"/staff/people/{plain.id}/merge/{number}", data={"seen": "x"}),
            browser.post(f"/staff/people/{number}/merge/{plain.id}", data={"seen": "x"}),
            browser.get(f"/staff/people/{number}/merge"),
            browser.post(f"/staff/people/duplicates/{plain.id}/{number}/apart"),
        ]
        assert [answer.status_code for answer in answers] == [404] * 5
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 2
    assert client_of(nora).get(f"/staff/people/{plain.id}/merge/{hidden.id}").status_code == 200


def test_what_one_may_not_see_is_neither_counted_nor_shown_and_follows_unseen(app, nora, sam, oscar, client_of):
    kept, gone = factories.make_influencer("Ada", "Adams"), factories.make_influencer("Ada", "Adams")
    ask = factories.make_ask(gone, nora, title="Xyzzy grant", category="resources")
    interactions.log(gone.contact, "call", DAY, "Xyzzy said", nora, openness="private")
    tracking.make(gone, {"title": "Xyzzy task", "due_on": DAY, "assignee_id": nora.id}, nora)
    notes.write(gone, "Xyzzy note", nora, organization_id=nora.organization_id, admins_only=False)
    acquaintances.add(gone.contact, Knower(user=nora), {"strength": 5, "kind": "other", "remark": "Xyzzy"}, nora)
    db.session.commit()
    browser, url = client_of(sam), f"/staff/people/{kept.contact_id}/merge/{gone.contact_id}"
    page = browser.page(url).text
    assert "xyzzy" not in page.lower()
    for words in ("Asks: 1", "Interactions: 1", "Tasks: 1", "Restricted notes: 1", "Entries of who knows whom: 1"):
        assert words not in page and words in client_of(nora).page(url).text
    token = re.search(r'name="seen"[^>]*value="([0-9a-f]+)"', page)[1]
    page = browser.send(url, {"seen": token}).text
    assert "are one now" in page and "xyzzy" not in page.lower()
    one = db.session.scalars(select(Influencer)).one()
    for user in (sam, oscar):
        assert "xyzzy" not in client_of(user).page(f"/staff/influencers/{one.id}").text.lower()
        assert client_of(user).get(f"/staff/asks/{ask.id}").status_code == 404
    page = client_of(nora).page(f"/staff/influencers/{one.id}").text
    for words in ("Xyzzy grant", "Xyzzy said", "Xyzzy note"):
        assert words in page


def test_an_import_finds_the_profile_by_what_it_knew_the_other_by(app, oscar):
    facts = [
        Facts(number, None, {"first_name": "Ada", "last_name": "Adams"}, {"role": role})
        for number, role in (("A1", "Chair"), ("A2", "Chairwoman"))
    ]
    for one in facts:
        profiles.take_facts(one, "file", "")
    mine, theirs = db.session.scalars(select(Influencer).order_by(Influencer.id)).all()
    db.session.commit()
    merge(mine.contact, theirs.contact, oscar)
    assert [profiles.take_facts(one, "file", "") for one in facts] == ["unchanged", "unchanged"]
    assert db.session.scalars(select(Influencer)).one().role == "Chair"


def test_an_import_finds_the_profile_by_the_address_that_was_given_up(app, oscar):
    mine, theirs = factories.make_influencer("Ada", "Adams"), factories.make_influencer("Ada", "Adams")
    email = theirs.contact.email
    db.session.commit()
    merge(mine.contact, theirs.contact, oscar)
    told = Facts("", email, {"first_name": "Ada", "last_name": "Adams"}, {"role": "Chair"})
    assert profiles.take_facts(told, "file", "") == "updated"
    assert db.session.scalars(select(Influencer)).one().contact.email == mine.contact.email


def test_an_office_a_seat_and_work_in_an_office_stand_once(app, oscar):
    mine, theirs = factories.make_influencer("Ada", "Adams"), factories.make_influencer("Ada", "Adams")
    office = factories.add(Office(title="U.S. House, MI-5", imported_facts={}))
    since, ends = date(2025, 1, 3), date(2027, 1, 3)
    for one, began, source in ((mine, None, ""), (theirs, since, "congress-legislators")):
        holdings.begin(office, one, oscar, since=began, term_ends_on=ends, source=source)
        db.session.add(CommitteeSeat(influencer_id=one.id, code="HSED", name="Education", role="Member"))
        values = {"role": "scheduler", "phone": "", "note": f"Note {one.id}"}
        staffing.add(office, {}, one.contact.email, values, DAY)
    db.session.commit()
    person = merge(mine.contact, theirs.contact, oscar)
    one = profiles.of(person)
    held, works = db.session.scalars(select(Holding)).one(), db.session.scalars(select(OfficeContact)).one()
    assert (held.influencer_id, held.since, held.term_ends_on) == (one.id, since, ends)
    assert held.source == "congress-legislators" and one.former_since is None and len(one.committees) == 1
    assert works.contact_id == person.id and "Note 1" in works.note and "Note 2" in works.note


def test_who_ended_one_office_and_holds_another_is_not_former(app, oscar):
    mine, theirs = factories.make_influencer("Ada", "Adams"), factories.make_influencer("Ada", "Adams")
    offices = [factories.add(Office(title=f"Seat {n}", imported_facts={})) for n in (1, 2)]
    ended = holdings.begin(offices[0], mine, oscar, since=date(2020, 1, 3), term_ends_on=None)
    holdings.end(ended, date(2024, 1, 3), "term", oscar)
    holdings.begin(offices[1], theirs, oscar, since=date(2024, 1, 3), term_ends_on=None)
    ask = factories.make_ask(theirs, oscar)
    task = tracking.make(theirs, {"title": "Call", "due_on": DAY, "assignee_id": oscar.id, "ask_id": ask.id}, oscar)
    db.session.commit()
    one = profiles.of(merge(mine.contact, theirs.contact, oscar))
    assert one.former_since is None and len(db.session.scalars(select(Holding)).all()) == 2
    assert (task.influencer_id, task.ask_id, ask.influencer_id) == (one.id, ask.id, one.id)


def test_what_a_source_says_later_reaches_who_was_written_down_by_hand_before(app, oscar):
    mine = factories.make_influencer("Ada", "Adams", role="Madam Chair")
    told = Facts("A2", None, {"first_name": "Ada", "last_name": "Adams"}, {"role": "Chair", "phone": "1"})
    profiles.take_facts(told, "file", "")
    theirs = db.session.scalars(select(Influencer).where(Influencer.external_id == "A2")).one()
    db.session.commit()
    one = profiles.of(merge(mine.contact, theirs.contact, oscar))
    assert profiles.take_facts(told, "file", "") == "unchanged"
    later = Facts("A2", None, told.person, {"role": "Chair", "phone": "2"})
    assert profiles.take_facts(later, "file", "") == "updated"
    assert (one.role, one.phone, one.imported_from) == ("Madam Chair", "2", "file")
