"""By which way a target is reached: e-mail through us, its own web form, or the telephone.

Members of Congress are reached by form and telephone alone. Their offices take no mail from outside of their forms, and
what is sent to them all the same only costs the reputation of the sender.
"""

import re
from collections.abc import Mapping

from sqlalchemy import or_, select

from crm.actions.targets.models import Target
from crm.delivery.addresses import BadAddress, normalize, wire_form
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.influencers.offices.models import Holding, Office

EMAIL, FORM, PHONE = CHANNELS = "email", "form", "phone"
WORDS = {EMAIL: "E-mail", FORM: "Web form", PHONE: "Telephone"}
LETTER, CALL = "letter", "call"
ORDER = {LETTER: (EMAIL, FORM, PHONE), CALL: (PHONE, FORM)}
"""What people are led to by the kind of the action: the first of these that a target has."""
CONGRESS_DOMAINS = ("senate.gov", "house.gov")
US = r"(?:the )?(?:u\.? ?s\.?|united states)"
CONGRESS = re.compile(
    rf"\s*(?:office of )?(?:{US} (?:senat|house\b|representative|congress)|congress(?:wo)?(?:man|men|person|member)"
    rf"|(?:member of )?(?:{US} )?(?:the )?congress(?:\s*$|\s*,| of the united states))",
    re.IGNORECASE,
)
"""How a role or a body begins that can be of the Congress alone."""
PLAIN_ROLE = re.compile(r"\s*(?:senator|representative)(?:\s*$|,? (?:for|from) .*)", re.IGNORECASE)
PLAIN_BODY = re.compile(r"\s*(?:the )?(?:senate|house(?: of representatives)?)?\s*", re.IGNORECASE)
"""What is of the Congress together, and is a state's where the body is named by its state."""
CONGRESS_SOURCE, CONGRESS_SEATS = "bioguide:", ("us-house:", "us-senate:")
DIALED = re.compile(r"[^0-9+]")


def is_of_congress(influencer: Influencer) -> bool:
    """Tell whether an influencer is a member of the US Congress."""
    return (influencer.external_id or "").startswith(CONGRESS_SOURCE) or named_so(influencer.role, influencer.body)


def named_so(role: str, body: str) -> bool:
    """Tell whether a role and a body are of the US Congress by their names."""
    plain = PLAIN_ROLE.fullmatch(role) and PLAIN_BODY.fullmatch(body)
    return bool(plain or CONGRESS.match(role) or CONGRESS.match(body))


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
    mailed = use_email and address and takes_mail(address) and not (is_of_congress(influencer) or _seated(influencer))
    return _filled({EMAIL: address if mailed else "", FORM: influencer.web_form, PHONE: influencer.phone})


def of_own(target: Target) -> dict[str, str]:
    """Return the channels of a target that is no influencer."""
    mailed = target.email and takes_mail(target.email) and not named_so(target.title, target.organization)
    return _filled({EMAIL: target.email if mailed else "", FORM: target.web_form, PHONE: target.phone})


def best(found: Mapping[str, str], kind: str) -> str:
    """Return the channel that an action of that kind leads to; "" where there is none."""
    return next((channel for channel in ORDER[kind] if found.get(channel)), "")


def dialed(phone: str) -> str:
    """Return the digits of a number as tel: links hold them (RFC 3966)."""
    return DIALED.sub("", re.split(r"\s*(?:ext|x)\b", phone, flags=re.IGNORECASE)[0])


def _seated(influencer: Influencer) -> bool:
    seats = or_(*(Office.key.startswith(seat) for seat in CONGRESS_SEATS))
    held = select(Holding.id).join(Holding.office).where(Holding.influencer_id == influencer.id, seats)
    return db.session.scalar(held.where(Holding.until.is_(None)).limit(1)) is not None


def _filled(found: Mapping[str, str]) -> dict[str, str]:
    return {channel: value for channel, value in found.items() if value}
