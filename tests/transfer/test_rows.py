"""Rows say what they mean, or what to mend in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.transfer import rows
from crm.transfer.columns import FIELDS
from crm.transfer.rows import RowError


def parse(**values: str) -> rows.Row:
    values = {"email": "amina@mail.example", **values}
    return rows.parse(2, list(values.values()), list(values))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"email": ""}, "no e-mail address"),
        ({"email": "amina@"}, "“amina@” is not an e-mail address"),
        ({"first_name": "x" * 201}, "First name is longer than 200"),
        ({"zip_code": "x" * 33}, "ZIP code is longer than 32"),
        ({"optin_time": "yesterday"}, "Opt-in time: “yesterday” is not a date"),
        ({"confirm_time": "2999-01-01"}, "lies in the future"),
        ({"status": "maybe"}, "The status “maybe” is not known"),
        ({"opt_in": "perhaps"}, "write true or false"),
        ({"tags": "x" * 201}, "tags of 200 characters"),
    ],
)
def test_a_bad_cell_is_named(values, words):
    with pytest.raises(RowError, match=words):
        parse(**values)


def test_too_many_cells_are_an_error_and_missing_ones_are_blank():
    with pytest.raises(RowError, match="3 cells, the first row names 2"):
        rows.parse(2, ["a@mail.example", "Ana", "Ng"], ["email", "first_name"])
    assert rows.parse(2, ["a@mail.example", "Ana", ""], ["email", "first_name"]).profile == {"first_name": "Ana"}
    assert rows.parse(2, ["a@mail.example"], ["email", "first_name"]).profile == {}


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ('"Nurses","New York, NY"', ["Nurses", "New York, NY"]),
        ("Nurses, Boston", ["Nurses", "Boston"]),
        ("Nurses; New York, NY", ["Nurses; New York", "NY"]),
        ("Nurses;Boston", ["Nurses", "Boston"]),
        ("Nurses, Nurses,, ", ["Nurses"]),
    ],
)
def test_tags_are_taken_apart_as_each_program_joins_them(text, tags):
    assert parse(tags=text).tags == tags


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2022-01-02 09:30:00", "2022-01-02T09:30:00+00:00"),
        ("2022-01-02T09:30:00Z", "2022-01-02T09:30:00+00:00"),
        ("2022-01-02 09:30:00 UTC", "2022-01-02T09:30:00+00:00"),
        ("2022-01-02 09:30:00 -0500", "2022-01-02T09:30:00-05:00"),
        ("1/2/2022 9:30", "2022-01-02T09:30:00+00:00"),
        ("01/02/2022", "2022-01-02T00:00:00+00:00"),
    ],
)
def test_dates_are_read_as_other_programs_write_them(text, moment):
    assert parse(confirm_time=text).evidence == {"confirm_time": moment}


def test_languages_names_and_states_are_read_as_people_write_them():
    row = parse(language="Español", full_name="Amina  de la Cruz", state="ma")
    assert row.profile == {"language": "es", "first_name": "Amina de la", "last_name": "Cruz", "state": "MA"}
    assert "language" not in parse(language="Klingon").profile
    assert parse(zone="America/New_york").profile == {"zone": "America/New_York"}
    assert "zone" not in parse(zone="-5").profile


def test_text_that_turns_the_writing_direction_is_cleaned():
    assert parse(first_name="Am\u202eina\x07").profile["first_name"] == "Am ina"


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text(max_size=30)))
def test_any_cells_make_a_row_or_a_row_error(values):
    try:
        row = rows.parse(2, list(values.values()), list(values))
    except RowError as error:
        assert str(error)
    else:
        assert "@" in row.email
