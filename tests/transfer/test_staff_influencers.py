"""The page that imports influencers."""

import io
import re
from datetime import date

from sqlalchemy import func, select

from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.influencers.offices.models import Holding
from crm.transfer import storage
from tests import factories
from tests.transfer.test_influencers import LEGISLATOR, SEATS

URL = "/staff/influencers/import/"


def file(text, name):
    return (io.BytesIO(text.encode()), name)


def count():
    db.session.expire_all()
    return db.session.scalar(select(func.count()).select_from(Influencer))


def upload(browser, text, name="people.csv"):
    """Upload a CSV file, and return the page that asks what its columns mean."""
    return browser.send(URL, {"file": file(text, name)})


def check(browser, number=1, status=200, **columns):
    """Set the columns, given by their place as c0, c1 …, and try the import."""
    return browser.send(f"{URL}{number}/check", {f"column-{key[1:]}": v for key, v in columns.items()}, status=status)


def test_a_csv_file_is_imported_in_the_browser(as_oscar):
    assert "Import influencers" in as_oscar.page(URL).text
    page = upload(as_oscar, "name,role\nAda Adams,Chair\n", "../people.csv").text
    assert "Ada Adams" in page and re.search(r'value="role" selected', page) and count() == 0
    page = check(as_oscar, c0="name", c1="role").text
    assert "What would happen" in page and "new influencers" in page and count() == 0
    page = as_oscar.send(f"{URL}1/run").text
    assert "What happened" in page and "Import now" not in page
    assert db.session.scalars(select(Influencer.imported_from)).one() == "people.csv"
    assert not any(storage.uploads())
    assert "moved on meanwhile" in as_oscar.send(f"{URL}1/run").text
    check(as_oscar, status=422, c0="name", c1="role")
    assert count() == 1


def test_columns_of_any_name_are_read_as_staff_say(as_oscar, oscar, alice):
    north = factories.make_organization("North", is_member=True)
    header = "Who,Firm,Told on,Speaks,Helper,Helper mail,Ours,Deputy,Where,Why,How much,How far,Kept,Topic"
    row = "Ada Adams,Acme,2026-03-31,English and Hmong,Hal,hal@acme.example,oscar@bridgeway.example,"
    row += "ALICE@bridgeway.example,engaged,Met at the forum,4,2,north,employer"
    page = upload(as_oscar, f"{header}\n{row}\n").text
    assert page.count(" selected") == 0 and "English and Hmong" in page
    names = ["name", "organization", "noticed_on", "languages", "assistant_name", "assistant_contact", "owner"]
    names += ["backup_owner", "stage", "basis", "interest", "influence", "kept_by", "sector"]
    check(as_oscar, **{f"c{place}": name for place, name in enumerate(names)})
    as_oscar.send(f"{URL}1/run")
    one = db.session.scalars(select(Influencer)).one()
    assert (one.name, one.contact.organization_name, one.noticed_on) == ("Ada Adams", "Acme", date(2026, 3, 31))
    assert (one.languages, one.assistant_name, one.assistant_contact) == (
        "English and Hmong",
        "Hal",
        "hal@acme.example",
    )
    assert (one.owner_id, one.backup_owner_id, one.stage, one.basis) == (
        oscar.id,
        alice.id,
        "engaged",
        "Met at the forum",
    )
    assert (one.interest, one.influence, one.organization_id, one.sector) == (4, 2, north.id, "employer")


def test_bad_rows_are_named_and_the_good_ones_imported(as_oscar):
    rows = ["name,interest,notice date,backup owner,seen by", "Ada Adams,3,,,", "Ben Brook,9,,,", "Cy Cole,,soon,,"]
    rows += ["Di Dole,,,who@mail.example,", "Ed Eden,,,,Nobody", ",1,,,"]
    upload(as_oscar, "\n".join(rows) + "\n")
    page = check(as_oscar, c0="name", c1="interest", c2="noticed_on", c3="backup_owner", c4="kept_by").text
    for words in (
        "Row 3: interest is “9”; give a whole number from 1 to 5.",
        "Row 4: notice given on: “soon” is not a date",
        "Row 5: nobody of the staff has the address “who@mail.example” given as backup owner.",
        "Row 6: seen by “Nobody” is not possible here; write one of: all.",
        "Row 7: no name. Give each person one.",
    ):
        assert words in page
    page = as_oscar.send(f"{URL}1/run").text
    assert count() == 1 and "Rows that are left out" in page


def test_columns_that_cannot_be_are_refused_and_the_choice_is_kept(as_oscar):
    upload(as_oscar, "a,b\nAda Adams,Acme\n")
    page = check(as_oscar, status=422, c0="role", c1="").text
    assert "No column is called “name”" in page and re.search(r'value="role" selected', page)
    assert "two columns for name" in check(as_oscar, status=422, c0="name", c1="name").text
    assert "not those of the file" in check(as_oscar, status=422, c0="bogus", c1="name").text
    assert "What would happen" in check(as_oscar, c0="name", c1="organization").text


def test_of_two_columns_of_one_name_the_first_is_read_until_staff_say_otherwise(as_oscar):
    page = upload(as_oscar, "name,email,E-mail\nAda Adams,a@mail.example,b@mail.example\n").text
    assert page.count('value="email" selected') == 1


def test_who_may_be_on_record_is_imported_beside_them_and_offered_for_merge(as_oscar):
    known = factories.make_influencer("Ada", "Adams")
    known.contact.organization_name, known.contact.email = "Acme", "ada@mail.example"
    db.session.commit()
    text = "name,email,organization\nADA ADÁMS,ada@acme.example,ACME\nAda Adams,x@mail.example,Other\n"
    upload(as_oscar, text)
    page = check(as_oscar, c0="name", c1="email", c2="organization").text
    assert "Row 2: ADA ADÁMS may be Ada Adams (ada@mail.example): the same name and organization" in page
    assert "Row 3" not in page
    assert "Possible duplicates</a>" in as_oscar.send(f"{URL}1/run").text
    assert count() == 3
    page = as_oscar.page("/staff/people/duplicates").text
    assert page.count(">Compare<") == 1 and "ada@acme.example" in page


def test_importing_again_updates_what_changed_and_the_dry_run_says_so(as_oscar):
    for number, role in ((1, "Chair"), (2, "Chair"), (3, "Dean")):
        upload(as_oscar, f"name,role\nAda Adams,{role}\n")
        page = check(as_oscar, number, c0="name", c1="role").text
        meaning = {1: "new influencers", 2: "without a change", 3: "with something new"}[number]
        assert meaning in page
        as_oscar.send(f"{URL}{number}/run")
    assert db.session.scalars(select(Influencer)).one().role == "Dean"


def test_nobody_opens_the_import_of_another(as_oscar, as_alice):
    upload(as_oscar, "name\nAda Adams\n")
    assert as_alice.get(f"{URL}1").status_code == 404
    for step in ("check", "run"):
        assert as_alice.post(f"{URL}1/{step}", data={"column-0": "name"}).status_code == 404
    assert db.session.scalar(select(func.count()).select_from(Influencer)) == 0


def test_a_file_that_is_gone_says_so(as_oscar):
    upload(as_oscar, "name\nAda Adams\n")
    for path in storage.uploads():
        path.unlink()
    assert "Upload it again" in check(as_oscar, status=422, c0="name").text


def test_a_members_staff_touch_and_learn_nothing_of_what_another_keeps_for_itself(client_of, as_oscar):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    sam = factories.make_user("organizer", organization_id=south.id)
    people = "1,Ada Adams,ada@mail.example,Acme,{0}\n2,Bo Brown,,Acme,{0}\n"
    upload(as_oscar, "id,name,email,organization,seen by\n" + people.format("North"))
    check(as_oscar, c0="external_id", c1="name", c2="email", c3="organization", c4="kept_by")
    as_oscar.send(f"{URL}1/run")
    browser = client_of(sam)
    upload(browser, "id,name,email,organization,role\n" + people.format("Xyz") + "1,Somebody Else,,Acme,\n")
    page = check(browser, 2, c0="external_id", c1="name", c2="email", c3="organization", c4="role").text
    assert "is Ada Adams here" not in page and "with something new" not in page and "may be" not in page
    browser.send(f"{URL}2/run")
    kept = db.session.scalars(select(Influencer).where(Influencer.organization_id == north.id)).all()
    assert len(kept) == 2 and {one.role for one in kept} == {""}
    upload(browser, "name,seen by\nCy Cole,North\nDi Dole,south\n")
    page = check(browser, 3, c0="name", c1="kept_by").text
    assert "seen by “North” is not possible here; write one of: all, South." in page
    browser.send(f"{URL}3/run")
    of_dole = select(Influencer.organization_id).join(Contact).where(Contact.last_name == "Dole")
    assert db.session.scalars(of_dole).one() == south.id


def test_legislators_of_a_committee_are_imported_in_the_browser(as_oscar):
    names = "- {thomas_id: HSED, name: House Committee on Education}\n"
    data = {
        "file": file(LEGISLATOR.format(id="S000185", phone="1"), "legislators-current.yaml"),
        "committees": file(SEATS, "committee-membership-current.yaml"),
        "names": file(names, "whatever.yml"),
        "codes": "hsed",
    }
    assert "1 created" in as_oscar.send(URL, data).text
    seat = db.session.scalars(select(Influencer)).one().committees[0]
    assert (seat.name, seat.role) == ("House Committee on Education", "Ranking Member")


def test_what_cannot_be_used_says_what_to_do(as_oscar):
    good = LEGISLATOR.format(id="S000185", phone="1")
    cases = [
        ({}, "Choose a file."),
        ({"file": file("x", "p.pdf")}, "Choose a CSV or a YAML file."),
        ({"file": file("a: &x [1]\nb: *x\n", "p.yaml")}, "uses an alias"),
        ({"file": file(good, "p.yaml"), "codes": "HSED"}, "it says who sits on a committee"),
        ({"file": file(good, "p.yaml"), "committees": file(SEATS, "c.yaml"), "codes": "HXXX"}, "It knows: HSED."),
    ]
    for data, message in cases:
        assert message in as_oscar.send(URL, data, status=422).text
    assert count() == 0


def test_a_viewer_may_not_import(as_bob):
    as_bob.page(URL, status=403)
    assert "Import a list" not in as_bob.page("/staff/influencers/").text


def test_a_members_file_ends_no_office_of_whom_another_member_keeps_for_itself(as_oscar, client_of):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    sam = factories.make_user("organizer", organization_id=south.id)
    present = LEGISLATOR.format(id="S000185", phone="1")
    as_oscar.send(URL, {"file": file(present, "people.yaml"), "committees": file(SEATS, "c.yaml"), "codes": "HSED"})
    kept = db.session.scalars(select(Influencer)).one()
    kept.organization_id = north.id
    db.session.commit()
    elsewhere = LEGISLATOR.format(id="S000185", phone="2").replace("state: VA", "state: MD")
    successor = LEGISLATOR.format(id="T000001", phone="1")
    assert "ended" not in client_of(sam).send(URL, {"file": file(successor, "people.yaml"), "ends_many": "y"}).text
    client_of(sam).send(URL, {"file": file(elsewhere, "people.yaml"), "ends_many": "y"})
    [holding] = db.session.scalars(select(Holding).where(Holding.influencer_id == kept.id))
    assert holding.until is None and len(kept.committees) == 1 and kept.phone == "1"
