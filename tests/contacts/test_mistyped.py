"""Hints at slips, and no hints at addresses that are right."""

import pytest

from crm.contacts import mistyped


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("amina@gmial.com", "amina@gmail.com"),
        ("amina@gmai.com", "amina@gmail.com"),
        ("amina@gmaill.com", "amina@gmail.com"),
        ("amina@hotmial.com", "amina@hotmail.com"),
        ("amina@yaho.com", "amina@yahoo.com"),
        ("amina@gmail.con", "amina@gmail.com"),
        ("amina@gmail.cm", "amina@gmail.com"),
        ("amina@bridgeway.ogr", "amina@bridgeway.org"),
        ("amina@outlok.com", "amina@outlook.com"),
    ],
)
def test_a_slip_is_seen(typed, meant):
    assert mistyped.suggestion(typed) == meant


@pytest.mark.parametrize(
    "address",
    [
        "amina@gmail.com",
        "amina@mail.com",
        "amina@ymail.com",
        "amina@gmx.de",
        "amina@wes.org",
        "amina@mail.example",
        "amina@state.ma.us",
        "amina@me.com",
        "amina@münchen.de",
        "",
        "amina",
    ],
)
def test_what_is_right_is_left_alone(address):
    assert mistyped.suggestion(address) is None
