"""What the doctor reads in the DNS, good zones and bad ones."""

import pytest

from crm.delivery import dkim_keys
from crm.site.doctor import policies
from crm.site.doctor.policies import Identity
from tests.delivery.verifying import make_keys
from tests.site.doctor.zone import Zone

OURS = "bridgeway.example"
WHO = Identity(OURS, OURS, relay="smtp.relay.example")


def spf(*records: str, **more: list[str]) -> policies.Row:
    zone = {(OURS, "TXT"): list(records)} | {(f"{name}.example", "TXT"): found for name, found in more.items()}
    return policies.spf(WHO, Zone(zone))


@pytest.mark.parametrize(
    ("records", "state", "word"),
    [
        (["v=spf1 include:relay.example -all", "other=1"], "ok", "include"),
        (["v=spf1 ip4:192.0.2.1 ~all"], "ok", ""),
        (["v=spf1 redirect=relay.example"], "ok", ""),
        ([], "error", "no SPF record"),
        (["v=spf10 -all"], "error", "no SPF record"),
        (["v=spf1 -all", "v=spf1 ~all"], "error", "2 SPF records"),
        (["v=spf1 a +all"], "error", "everybody"),
        (["v=spf1 all"], "error", "everybody"),
        (["v=spf1 include:relay.example"], "warning", "no end"),
        (["v=spf1 " + " ".join(f"include:x{n}.example" for n in range(11)) + " -all"], "error", "look-ups"),
        (["v=spf1 include:loop.example -all"], "error", "look-ups"),
    ],
)
def test_spf(records, state, word):
    row = spf(*records, relay=["v=spf1 ip4:192.0.2.0/24 -all"], loop=["v=spf1 include:loop.example -all"])
    assert (row.state, word in row.found) == (state, True), row
    assert (row.mend == "") == (state == "ok")


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_keys(tmp_path_factory.mktemp("keys"))


def signed(keys, *texts: str) -> policies.Row:
    shown = {("one._domainkey.bridgeway.example", "TXT"): list(texts)}
    shown[("two._domainkey.bridgeway.example", "TXT")] = [dkim_keys.record(keys[1])]
    return policies.signatures(Identity(OURS, OURS, keys), Zone(shown))


def test_dkim_records_must_show_the_very_key_that_signs(keys):
    good = dkim_keys.record(keys[0])
    assert signed(keys, good).state == "ok"
    assert signed(keys, good.replace("; ", ";").replace("p=M", "p= M")).state == "ok"
    assert signed(keys).state == "error"
    assert dkim_keys.record(keys[0])[:50] in signed(keys).mend
    assert "another key" in signed(keys, dkim_keys.record(keys[1])).found
    assert "withdrawn" in signed(keys, "v=DKIM1; p=").found
    assert "more than one" in signed(keys, good, good).found
    assert signed(keys, good + "; t=y").state == "warning"
    assert policies.signatures(WHO, Zone()).state == "warning"


def test_an_ed25519_key_alone_is_not_enough(keys):
    zone = Zone({("two._domainkey.bridgeway.example", "TXT"): [dkim_keys.record(keys[1])]})
    row = policies.signatures(Identity(OURS, OURS, keys[1:]), zone)
    assert (row.state, "crm dkim keygen" in row.mend) == ("warning", True)


@pytest.mark.parametrize(
    ("records", "state", "word"),
    [
        ({"MX": ["10 mx1.relay.example.", "20 mx2.relay.example."]}, "ok", "mx1.relay.example, mx2.relay.example"),
        ({"MX": ["0 ."]}, "error", "takes no mail"),
        ({"A": ["192.0.2.1"]}, "warning", "no MX record"),
        ({}, "error", "no bounce arrives"),
    ],
)
def test_bounces_need_a_server_that_takes_them(records, state, word):
    zone = Zone({(f"bounce.{OURS}", kind): found for kind, found in records.items()})
    row = policies.return_path(Identity(OURS, f"bounce.{OURS}"), zone)
    assert (row.state, word in row.found) == (state, True), row


@pytest.mark.parametrize(
    ("record", "envelope", "domain", "state"),
    [
        ("v=DMARC1; p=none", OURS, OURS, "ok"),
        ("v=DMARC1; p=reject; aspf=s; adkim=s", OURS, OURS, "ok"),
        ("v=DMARC1; p=reject; aspf=s", f"bounce.{OURS}", f"news.{OURS}", "warning"),
        ("v=DMARC1; p=reject", f"bounce.{OURS}", f"news.{OURS}", "ok"),
        ("v=DMARC1; p=reject", "relay.example", OURS, "warning"),
        ("v=DMARC1", OURS, OURS, "error"),
        ("v=DMARC1; p=all", OURS, OURS, "error"),
        ("", OURS, OURS, "error"),
    ],
)
def test_dmarc_wants_a_policy_and_an_envelope_or_signature_that_agrees(record, envelope, domain, state):
    zone = Zone({(f"_dmarc.{OURS}", "TXT"): [record] if record else []})
    assert policies.dmarc(Identity(domain, envelope), zone).state == state


def test_the_highest_dmarc_record_tells_which_domains_belong_together():
    zone = {(f"_dmarc.{name}", "TXT"): ["v=DMARC1; p=none"] for name in (OURS, f"news.{OURS}")}
    assert policies.dmarc(Identity(f"news.{OURS}", f"bounce.{OURS}"), Zone(zone)).state == "ok"


def test_dmarc_is_content_with_a_signature_in_the_name_of_the_sender(keys):
    zone = Zone({(f"_dmarc.{OURS}", "TXT"): ["v=DMARC1; p=reject; adkim=s"]})
    row = policies.dmarc(Identity(OURS, "relay.example", keys), zone)
    assert (row.state, "DKIM" in row.found) == ("ok", True)
    assert policies.dmarc(Identity(OURS, "relay.example", keys, "mail." + OURS), zone).state == "error"
    two = Zone({(f"_dmarc.{OURS}", "TXT"): ["v=DMARC1; p=none", "v=DMARC1; p=reject"]})
    assert policies.dmarc(WHO, two).state == "error"


def test_the_sending_address_needs_a_name_that_leads_back():
    back = {("1.2.0.185.in-addr.arpa", "PTR"): ["smtp.relay.example."]}
    there = {("smtp.relay.example", "A"): ["185.0.2.1"]}
    assert policies.reverse_name(WHO, Zone(back | there)).state == "ok"
    assert policies.reverse_name(WHO, Zone(there)).state == "warning"
    liar = {("1.2.0.185.in-addr.arpa", "PTR"): ["other.example."]}
    assert policies.reverse_name(WHO, Zone(there | liar)).state == "warning"
    assert "own network" in policies.reverse_name(Identity(OURS, OURS, relay="127.0.0.1"), Zone()).found


def test_mta_sts_and_tls_reports_are_advice():
    both = {(f"_mta-sts.{OURS}", "TXT"): ["v=STSv1; id=1"], (f"_smtp._tls.{OURS}", "TXT"): ["v=TLSRPTv1; rua=mailto:x"]}
    assert policies.transport(WHO, Zone(both)).state == "ok"
    row = policies.transport(WHO, Zone({(f"_mta-sts.{OURS}", "TXT"): ["v=STSv1; id=1"]}))
    assert (row.state, "_smtp._tls" in row.found) == ("warning", True)
