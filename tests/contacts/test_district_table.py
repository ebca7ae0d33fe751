"""Since when the districts on record hold, and who is told that they may be old."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from crm.contacts import district_table, districts
from crm.extensions import db
from tests import factories

PLACES = {("94110", "CA", 11)}
NOW = datetime(2026, 11, 29, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def november(app):
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.mark.parametrize(
    ("today", "began"),
    [
        (date(2026, 11, 29), date(2025, 1, 3)),
        (date(2027, 1, 2), date(2025, 1, 3)),
        (date(2027, 1, 3), date(2027, 1, 3)),
        (date(2028, 6, 1), date(2027, 1, 3)),
    ],
)
def test_a_congress_begins_on_january_3_of_an_odd_year(today, began):
    assert district_table.congress_began(today) == began


@pytest.mark.parametrize(
    ("valid_from", "says"),
    [
        (date(2025, 1, 3), ""),
        (date(2023, 1, 3), "hold since January 3, 2023. A Congress began on January 3, 2025"),
        (date(2027, 1, 3), "hold only from January 3, 2027 on"),
        (None, ""),
    ],
)
def test_a_table_older_than_the_congress_warns_where_it_is_used(as_oscar, valid_from, says):
    districts.replace(PLACES, valid_from)
    contact = factories.make_contact(zip_code="94110")
    elsewhere = factories.make_contact(zip_code="10001")
    db.session.commit()
    assert (says in district_table.warning()) and bool(district_table.warning()) == bool(says)
    page = as_oscar.page(f"/staff/people/{contact.id}/").text
    assert "CA-11" in page and ("These districts" in page) == bool(says)
    assert "These districts" not in as_oscar.page(f"/staff/people/{elsewhere.id}/").text
    form = {"name": "", "g.kind": "group", "g.op": "and", "g.n": "1", "g.0.field": "district", "do": "show"}
    assert ("These districts" in as_oscar.send("/staff/segments/new", form).text) == bool(says)


def test_a_table_of_unknown_age_is_as_old_as_its_reading(app):
    assert district_table.warning() == district_table.NONE
    districts.replace(PLACES)
    assert district_table.warning() == ""
    assert not district_table.is_dated() and district_table.warning(date(2027, 1, 2)) == ""
    assert "were read on November 29, 2026" in district_table.warning(date(2027, 1, 3))


def test_the_same_lines_read_again_keep_their_date_and_others_lose_it(app):
    districts.replace(PLACES, date(2025, 1, 3))
    districts.replace(PLACES)
    assert district_table.is_dated()
    districts.replace({("94110", "CA", 12)})
    assert not district_table.is_dated()
