"""What the DNS says of the mail of a domain: SPF, DKIM, DMARC, MTA-STS, and the name of the sending address."""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm.delivery import dkim, dkim_keys
from crm.delivery.dkim import Key
from crm.site.doctor.names import Names, reverse
from crm.site.doctor.rows import Row, error, ok, warning

RSA = "rsa-sha256"
MOST_LOOK_UPS = 10  # RFC 7208 §4.6.4
ASKS = re.compile(r"[+?~-]?(include:|a\b|mx\b|ptr\b|exists:)|redirect=", re.IGNORECASE)
PASS_ALL = re.compile(r"\+?all", re.IGNORECASE)


@dataclass(frozen=True)
class Identity:
    """In whose name mail goes out: the domain in From, that of the envelope sender, and what signs it."""

    sender: str
    envelope: str
    keys: Sequence[Key] = ()
    key_domain: str = ""
    relay: str = ""
    relay_signs: bool = False

    @property
    def signs_as(self) -> str:
        return dkim.signing_domain(self.sender, self.key_domain) if self.keys and not self.relay_signs else ""


def spf(who: Identity, names: Names) -> Row:
    """Is there one SPF record for the envelope sender, with an end and few look-ups? (RFC 7208)"""
    name, domain = "SPF", who.envelope
    found = _spf_records(domain, names)
    if len(found) != 1:
        what = "no SPF record" if not found else f"{len(found)} SPF records, which counts as none"
        mend = f"Publish one TXT record at {domain}: v=spf1, then what your mail relay asks for, then -all."
        return error(name, f"{domain} has {what}.", mend)
    terms = found[0].split()[1:]
    if any(PASS_ALL.fullmatch(term) for term in terms):
        return error(name, f"The SPF record of {domain} lets everybody send.", "End it with -all or ~all.")
    if (asked := _look_ups(domain, names, MOST_LOOK_UPS)) > MOST_LOOK_UPS:
        mend = "Take out what you do not send through any more; receivers give up after 10."
        return error(name, f"The SPF record of {domain} needs {asked} or more look-ups.", mend)
    if not any(term.lower().lstrip("?~-") == "all" or term.lower().startswith("redirect=") for term in terms):
        return warning(name, f"The SPF record of {domain} has no end.", "End it with -all or ~all.")
    return ok(name, f"{domain}: {found[0]}")


def return_path(who: Identity, names: Names) -> Row:
    """Does mail to the envelope sender, that is a bounce, arrive anywhere? (RFC 5321 §5.1, RFC 7505)"""
    name, domain = "Return path", who.envelope
    mend = f"Publish an MX record at {domain} that leads to the mailbox of bounces (docs/bounces.md)."
    servers = [record.split()[-1].rstrip(".") for record in names.records(domain, "MX")]
    if servers == [""]:
        return error(name, f"The MX record of {domain} says that it takes no mail, so no bounce arrives.", mend)
    if servers:
        return ok(name, f"Bounces to {domain} go to {', '.join(servers)}.")
    if _addresses(domain, names):
        return warning(name, f"{domain} has no MX record, so bounces go to the machine of that name itself.", mend)
    return error(name, f"{domain} has neither an MX record nor an address, so no bounce arrives.", mend)


def signatures(who: Identity, names: Names) -> Row:
    """Does the DNS show the public half of each key?"""
    name = "DKIM"
    if who.relay_signs:
        mend = "Set up DKIM for your own domain at the provider, and look at a mail that arrived."
        return warning(name, "The mail provider signs, which cannot be seen from here.", mend)
    if not who.keys:
        mend = "Make a key with `crm dkim keygen` and publish its record, unless your mail relay signs for your domain."
        return warning(name, "No key is set, so mail is not signed here.", mend)
    for key in who.keys:
        at = f"{key.selector}._domainkey.{who.signs_as}"
        if fault := _key_fault(key, names.records(at, "TXT")):
            return error(name, f"{at} {fault}", f"Publish: {dkim_keys.record_line(key, who.signs_as)}")
    if small := [key for key in who.keys if any("t=y" in r.replace(" ", "") for r in _at(key, who, names))]:
        return warning(name, f"The record of {small[0].selector} says t=y, a trial.", "Take t=y out of the record.")
    if not any(key.algorithm == RSA for key in who.keys):
        mend = "Make an RSA key as well: `crm dkim keygen`. Each mail then carries both signatures."
        return warning(
            name, "The only key is Ed25519 (RFC 8463): to receivers that do not know it, nothing is signed.", mend
        )
    return ok(name, f"{', '.join(key.algorithm for key in who.keys)} as {who.signs_as}; the DNS shows the same keys.")


def dmarc(who: Identity, names: Names) -> Row:
    """Is there a DMARC policy, and does SPF or DKIM agree with the domain in From? (RFC 7489 §3.1)"""
    name = "DMARC"
    policy_of, highest = "", ""
    tags: dict[str, str] = {}
    for domain in _upwards(who.sender):
        found = [text for text in names.records(f"_dmarc.{domain}", "TXT") if text.lower().startswith("v=dmarc1")]
        if len(found) > 1:
            return error(name, f"_dmarc.{domain} has {len(found)} records, which counts as none.", "Keep one of them.")
        if found:
            highest = domain
            policy_of, tags = (policy_of, tags) if policy_of else (domain, _tags(found[0]))
    if not policy_of:
        mend = (
            f"Publish a TXT record at _dmarc.{who.sender}, to begin with: v=DMARC1; p=none; rua=mailto:you@{who.sender}"
        )
        return error(name, f"{who.sender} has no DMARC record; large receivers refuse or hide such mail.", mend)
    if tags.get("p") not in ("none", "quarantine", "reject"):
        return error(name, f"_dmarc.{policy_of} names no policy.", "Write p=none, p=quarantine or p=reject.")
    by = [label for label, domain, strict in (("DKIM", who.signs_as, "adkim"), ("SPF", who.envelope, "aspf"))
          if _aligned(who.sender, domain, highest, tags.get(strict) == "s")]  # fmt: skip
    if by:
        return ok(name, f"p={tags['p']} at {policy_of}; From agrees with {' and '.join(by)}.")
    found_text = (
        f"Neither the envelope sender ({who.envelope}) nor a signature of ours agrees with From ({who.sender})."
    )
    mend = f"Sign as {who.sender} (`crm dkim keygen`), or set BOUNCE_DOMAIN to a domain under {highest}."
    return (warning if who.relay_signs or not who.keys else error)(name, found_text, mend)


def transport(who: Identity, names: Names) -> Row:
    """Do MTA-STS and TLS reports protect what comes back? (RFC 8461, RFC 8460)"""
    lacking = []
    for at, mark in ((f"_mta-sts.{who.sender}", "v=stsv1"), (f"_smtp._tls.{who.sender}", "v=tlsrptv1")):
        if not any(text.lower().startswith(mark) for text in names.records(at, "TXT")):
            lacking.append(at)
    if lacking:
        mend = "This guards answers to you against eavesdropping; it is no duty. The host of your mailboxes says how."
        return warning("MTA-STS", f"No record at {' and '.join(lacking)}.", mend)
    return ok("MTA-STS", f"{who.sender} has MTA-STS and TLS reports.")


def reverse_name(who: Identity, names: Names) -> Row:
    """Does the address that sends have a name that leads back to it?"""
    name = "Reverse name"
    mend = "Ask whoever runs the mail server for a PTR record that leads to its name, and for that name to lead back."
    addresses = _addresses(who.relay, names)
    if not addresses:
        return warning(name, f"{who.relay or 'The mail server'} has no address in the DNS.", "Look at MAIL_SERVER.")
    if any(not ipaddress.ip_address(address).is_global for address in addresses):
        return warning(name, f"{who.relay} is in your own network; its public address cannot be seen from here.", mend)
    for address in addresses:
        known_as = [text.rstrip(".") for text in names.records(reverse(address), "PTR")]
        if not any(address in _addresses(one, names) for one in known_as):
            return warning(name, f"{address} ({who.relay}) has no name that leads back to it.", mend)
    return ok(name, f"{', '.join(addresses)} and their names lead to each other.")


def _spf_records(domain: str, names: Names) -> list[str]:
    return [text for text in names.records(domain, "TXT") if text.lower().split(" ")[0] == "v=spf1"]


def _look_ups(domain: str, names: Names, left: int) -> int:
    """Return how many look-ups the record of a domain needs, not going on once they are too many."""
    count = 0
    for record in _spf_records(domain, names)[:1]:
        for term in record.split()[1:]:
            count += bool(ASKS.match(term))
            target = re.fullmatch(r"[+?~-]?(?:include:|redirect=)([^%]+)", term, re.IGNORECASE)
            if target and count <= left:
                count += _look_ups(target[1], names, left - count)
    return count


def _key_fault(key: Key, records: list[str]) -> str:
    shown = [_tags(text) for text in records if "p=" in text]
    if not shown:
        return "has no record, so nobody can verify the signature."
    if len(shown) > 1:
        return "has more than one record."
    if not shown[0].get("p"):
        return "says that the key was withdrawn."
    same = shown[0]["p"] == _tags(dkim_keys.record(key))["p"]
    return "" if same else "shows another key than the one that signs."


def _at(key: Key, who: Identity, names: Names) -> list[str]:
    return names.records(f"{key.selector}._domainkey.{who.signs_as}", "TXT")


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): re.sub(r"\s", "", value) for name, _, value in pairs}


def _upwards(domain: str) -> Iterator[str]:
    """Yield the domain and those above it, but no top-level domain."""
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        yield ".".join(labels[start:])


def _aligned(sender: str, domain: str, highest: str, strict: bool) -> bool:
    # Without a list of public suffixes: the highest domain with a DMARC record is the organization's.
    if strict or not domain:
        return domain == sender
    return f".{domain}".endswith(f".{highest}")


def _addresses(host: str, names: Names) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        found = names.records(host, "A") + names.records(host, "AAAA") if host else []
        return [str(ipaddress.ip_address(text)) for text in found]
