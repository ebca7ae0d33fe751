"""Addresses have one normal form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.contacts import addresses


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Amina@Mail.Example ", "amina@mail.example"),
        ("o'neil+list@mail.example", "o'neil+list@mail.example"),
        ("amina@Münich.de", "amina@münich.de"),
        ("amina@xn--mnich-kva.de", "amina@münich.de"),
        ("amina@trial.test", "amina@trial.test"),
    ],
)
def test_spellings_of_one_address_are_stored_as_one(typed, stored):
    assert addresses.normalize(typed) == stored


@pytest.mark.parametrize("typed", ["", "amina", "amina@", "a@@b.example", "a b@mail.example", "a@mail.example\nBcc: x"])
def test_what_is_no_address_is_refused_with_a_reason(typed):
    with pytest.raises(addresses.BadAddress, match=r"\w+"):
        addresses.normalize(typed)


@given(st.emails())
def test_the_normal_form_of_a_normal_form_is_itself(address):
    try:
        normal = addresses.normalize(address)
    except addresses.BadAddress:
        return
    assert addresses.normalize(normal) == normal
