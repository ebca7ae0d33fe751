"""The address to unsubscribe at by mail."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.base import signing
from crm.delivery import envelope, unsubscribing
from crm.delivery.unsubscribing import ADDRESS, local_part, read, tag_of

KEY = b"key"
SLUG = "a-topic-with-a-name-that-is-as-long-as-a-name-can-be-0123456789x"


@given(st.integers(0, 2**63 - 1), st.text(max_size=64))
def test_an_address_names_its_contact_and_list_fits_and_knows_no_capitals(contact_id, list_id):
    local = local_part(contact_id, list_id, KEY)
    assert len(local) <= 64 and local == local.lower() and local.isascii()
    for sent in (local, local.upper()):
        found = ADDRESS.search(f"Amina <{sent}@bounce.example>")
        assert read(found[1], KEY) == (contact_id, tag_of(list_id))


def test_each_list_has_a_tag_of_its_own():
    assert len({tag_of(f"{SLUG[:60]}{number}") for number in range(2000)}) == 2000


def test_of_ten_thousand_mutated_addresses_none_is_believed():
    dice = random.Random(8058)
    good = local_part(4711, "research", KEY).removeprefix("u+")
    tried = set()
    while len(tried) < 10_000:
        octets = list(good)
        for _ in range(dice.randint(1, 3)):
            place = dice.randrange(len(octets) + 1)
            cut = dice.randint(0, 2)
            octets[place : place + cut] = dice.choices(
                "0123456789abcdefghijklmnopqrstuvwxyz.+-@ \0é", k=dice.randint(0, 2)
            )
        mutated = "".join(octets)
        if mutated.lower() != good:
            tried.add(mutated)
    assert [one for one in tried if read(one, KEY)] == []


@pytest.mark.parametrize(
    "signed", ["", ".", "..", "a.b.c", ".".join("abc") * 99, "4711.research.", "é.é.é", "\ud800.a.b"]
)
def test_what_is_no_address_is_no_error(signed):
    assert read(signed, KEY) is None


def test_another_key_and_another_purpose_sign_nothing(app):
    uuid = "0123456789abcdef" * 2
    own, bounces = signing.key(unsubscribing.PURPOSE), signing.key(envelope.PURPOSE)
    assert own != bounces != signing.key("unsubscribe")
    leave, back = local_part(1, "research", own), envelope.bounce_local_part(1, uuid, bounces)
    assert read(leave.removeprefix("u+"), bounces) is None
    for key in (own, bounces):
        assert read(back.removeprefix("b+"), key) is None
        assert envelope.read_local_part(leave, key) is None
        assert envelope.read_local_part(leave.replace("u+", "b+"), key) is None
    assert not ADDRESS.search(back.replace("b+", "u+") + "@bounce.example")
