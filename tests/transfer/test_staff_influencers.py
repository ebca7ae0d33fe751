"""The page that imports influencers."""

import io

from sqlalchemy import func, select

from crm.extensions import db
from crm.influencers.models import Influencer
from tests.transfer.test_influencers import LEGISLATOR, SEATS

URL = "/staff/influencers/import/"


def file(text, name):
    return (io.BytesIO(text.encode()), name)


def count():
    db.session.expire_all()
    return db.session.scalar(select(func.count()).select_from(Influencer))


def test_a_csv_file_is_imported_in_the_browser(as_oscar):
    assert "Import influencers" in as_oscar.page(URL).text
    page = as_oscar.send(URL, {"file": file("name,role\nAda Adams,Chair\n", "../people.csv")})
    assert "1 influencers: 1 created" in page.text and "Ada Adams" in page.text
    assert db.session.scalars(select(Influencer.imported_from)).one() == "people.csv"


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


def test_bad_rows_are_listed_and_nothing_is_imported(as_oscar):
    text = "name,interest\nAda Adams,3\nBen Brook,9\n"
    page = as_oscar.send(URL, {"file": file(text, "p.csv")}, status=422).text
    assert "One row cannot be imported" in page and "row 3: interest is “9”" in page
    assert count() == 0


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
