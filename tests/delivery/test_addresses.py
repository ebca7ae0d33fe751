"""Addresses and envelopes."""

import random

import pytest

from crm.delivery import suppression
from crm.delivery.addresses import BadAddress, wire_form
from crm.delivery.envelope import bounce_local_part, read_local_part


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("amina@mail.example", ("amina@mail.example", False)),
        ("amina@Bücher.example", ("amina@xn--bcher-kva.example", False)),
        ("josé@mail.example", ("josé@mail.example", True)),
        ("o'neil+news@mail.example", ("o'neil+news@mail.example", False)),
        ("a" * 63 + "@mail.example", ("a" * 63 + "@mail.example", False)),
        ("a" * 64 + "@mail.example", ("a" * 64 + "@mail.example", False)),
        ("é" * 32 + "@mail.example", ("é" * 32 + "@mail.example", True)),  # 64 octets
    ],
)
def test_the_domain_goes_out_in_ascii(address, wire):
    assert wire_form(address) == wire


@pytest.mark.parametrize("local", ["", "a b", "a@b", "a>", "a\r\n", "a\0", '"a"', "a" * 65, "é" * 33])
def test_what_cannot_stand_before_the_at_is_refused(local):
    with pytest.raises(BadAddress):
        wire_form(f"{local}@mail.example")


@pytest.mark.parametrize("address", ["", "amina", "a@", "a@b c", "a@b>", "a@..é", "a@" + "b" * 63 + ".example" * 30])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(BadAddress):
        wire_form(address)


LABEL = "b" * 63


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("a" * 63 + f"@{LABEL}.{LABEL}.{'b' * 61}", True),  # 253 octets
        ("a" * 64 + f"@{LABEL}.{LABEL}.{'b' * 61}", True),  # 254 octets
        ("a" * 64 + f"@{LABEL}.{LABEL}.{'b' * 62}", False),
        (f"a@{LABEL}", True),
        (f"a@{LABEL}b", False),
        ("a@mail.example%0d%0adata", False),
        ("a@-mail.example", False),
        ("a@mail-.example", False),
        ("a@mail..example", False),
        ("a@mail.example.", False),
        ("a\x85b@mail.example", False),
        ("a\u2028b@mail.example", False),
    ],
)
def test_lengths_and_domains_are_those_of_smtp(address, good):
    if good:
        assert wire_form(address)[0] == address
        return
    with pytest.raises(BadAddress):
        wire_form(address)


def test_bounces_come_back_to_an_address_that_names_their_delivery_and_that_nobody_without_the_key_can_make():
    uuid = "0123456789abcdef" * 2
    local = bounce_local_part(2_000_000_000, uuid, b"key")
    assert len(local) <= 64
    assert local == local.lower()
    assert local.startswith(f"b+x2qxvk.{uuid}.")
    others = {bounce_local_part(*other) for other in [(1, uuid, b"key"), (2_000_000_000, uuid, b"another key")]}
    assert local.rpartition(".")[2] not in {other.rpartition(".")[2] for other in others}


def test_of_ten_thousand_return_addresses_each_names_its_delivery_and_none_with_another_signature():
    dice = random.Random(5321)
    for _ in range(10_000):
        number, uuid = dice.randrange(1, 2**31), f"{dice.getrandbits(128):032x}"
        local = bounce_local_part(number, uuid, b"key")
        assert len(local) <= 64
        assert read_local_part(local.upper(), b"key") == (number, uuid)
        place = dice.randrange(2, len(local))
        sign = dice.choice([one for one in "0123456789abcdefxyz." if one != local[place]])
        assert read_local_part(local[:place] + sign + local[place + 1 :], b"key") is None
        assert read_local_part(local, b"another key") is None


def test_all_spellings_of_an_address_are_suppressed_as_one(bare_app):
    one = suppression.address_hash("Amina@Bücher.example")
    assert one == suppression.address_hash(" amina@xn--bcher-kva.example ")
    assert one != suppression.address_hash("amina@mail.example")
    assert "amina" not in one
