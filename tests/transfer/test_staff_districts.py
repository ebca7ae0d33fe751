"""The page that imports the districts of ZIP codes."""

import io

import pytest

from crm.contacts import district_table
from crm.extensions import db
from tests import factories
from tests.transfer.test_districts import FILE, HEADER, standing

URL = "/staff/influencers/import/districts/"


def upload(browser, text, status=200, **values):
    return browser.send(URL, {"file": (io.BytesIO(text.encode()), "zccd.csv"), **values}, status=status)


def test_an_administrator_imports_the_table_of_districts(as_alice):
    assert URL in as_alice.page("/staff/influencers/import/").text
    assert "No table of districts is on record" in as_alice.page(URL).text
    page = upload(as_alice, FILE, valid_from="2023-01-03").text
    assert "5 added, 0 removed" in page and "hold since January 3, 2023" in page
    assert ("99501", "AK", 0) in standing()
    page = upload(as_alice, HEADER + "06,CA,94110,11\n").text
    assert "0 added, 4 removed" in page and standing() == {("94110", "CA", 11)}


@pytest.mark.parametrize(
    ("text", "says"),
    [("06,CA,94110,11\n06,CA,94112,11\n", "One column must be called zcta"), (HEADER + "06,CA,9411,11\n", "row 2:")],
)
def test_a_file_with_a_fault_changes_nothing_and_says_what_is_wrong(as_alice, text, says):
    upload(as_alice, FILE)
    assert says in upload(as_alice, text, 422).text
    db.session.rollback()
    assert len(standing()) == 5 and district_table.is_there()


def test_what_all_members_share_is_imported_by_the_coalition_alone(as_oscar, client_of):
    as_oscar.page(URL, status=403)
    north = factories.make_organization("North", is_member=True)
    client_of(factories.make_user("admin", organization_id=north.id)).page(URL, status=403)
    assert URL not in as_oscar.page("/staff/influencers/import/").text
