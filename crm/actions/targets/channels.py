"""By which way a target is reached: e-mail through us, its own web form, or the telephone.

Members of Congress are reached by form and telephone alone. Their offices take no mail from outside of their forms, and
what is sent to them all the same only costs the reputation of the sender.
"""

import re
from collections.abc import Mapping

from crm.delivery.addresses import BadAddress, normalize, wire_form
from crm.influencers.models import Influencer

EMAIL, FORM, PHONE = CHANNELS = "email", "form", "phone"
WORDS = {EMAIL: "E-mail", FORM: "Web form", PHONE: "Telephone"}
LETTER, CALL = "letter", "call"
ORDER = {LETTER: (EMAIL, FORM, PHONE), CALL: (PHONE, FORM)}
"""What people are led to by the kind of the action: the first of these that a target has."""
CONGRESS_DOMAINS = ("senate.gov", "house.gov")
CONGRESS_BODIES = re.compile(r"\s*(the )?(u\.? ?s\.?|united states) (senate|house)\b", re.IGNORECASE)
CONGRESS_SOURCE = "bioguide:"
DIALED = re.compile(r"[^0-9+]")


def is_of_congress(influencer: Influencer) -> bool:
    """Tell whether an influencer is a member of the US Congress."""
    known = (influencer.external_id or "").startswith(CONGRESS_SOURCE)
    return known or bool(CONGRESS_BODIES.match(influencer.body) or CONGRESS_BODIES.match(influencer.role))


def takes_mail(address: str) -> bool:
    """Tell whether mail may be sent to that address: it can be, and is none of Congress."""
    try:
        domain = wire_form(normalize(address))[0].rpartition("@")[2].lower().rstrip(".")
    except BadAddress:
        return False
    return not any(domain == one or domain.endswith(f".{one}") for one in CONGRESS_DOMAINS)


def of_influencer(influencer: Influencer, *, use_email: bool) -> dict[str, str]:
    """Return the channels of an influencer; the mail address only where staff say that it may be used."""
    address = influencer.contact.email or ""
    mailed = use_email and address and not is_of_congress(influencer) and takes_mail(address)
    return _filled({EMAIL: address if mailed else "", FORM: influencer.web_form, PHONE: influencer.phone})


def of_own(email: str, web_form: str, phone: str) -> dict[str, str]:
    """Return the channels of a target that is no influencer."""
    return _filled({EMAIL: email if email and takes_mail(email) else "", FORM: web_form, PHONE: phone})


def best(found: Mapping[str, str], kind: str) -> str:
    """Return the channel that an action of that kind leads to; "" where there is none."""
    return next((channel for channel in ORDER[kind] if found.get(channel)), "")


def dialed(phone: str) -> str:
    """Return the digits of a number as tel: links hold them (RFC 3966)."""
    return DIALED.sub("", re.split(r"\s*(?:ext|x)\b", phone, flags=re.IGNORECASE)[0])


def _filled(found: Mapping[str, str]) -> dict[str, str]:
    return {channel: value for channel, value in found.items() if value}
