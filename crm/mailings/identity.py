"""Who a mailing comes from: the coalition, or the settings where the setup page was not completed yet."""

from email.utils import formataddr, parseaddr

from flask import current_app

from crm.organizations import coalition
from crm.organizations.models import Coalition


def current() -> Coalition:
    """Return the coalition as mail shows it; what it leaves empty comes from the settings, and may stay empty."""
    known = coalition.current()
    name, address = parseaddr(current_app.config["MAIL_DEFAULT_SENDER"] or "")
    postal = current_app.config["POSTAL_ADDRESS"] or ""
    if known is None:
        return Coalition(name=name or "Groundswell", sender_name=name, sender_email=address, postal_address=postal)
    return Coalition(
        name=known.name,
        sender_name=known.sender_name or name,
        sender_email=known.sender_email or address,
        postal_address=known.postal_address or postal,
        zone=known.zone,
    )


def sender(who: Coalition) -> str:
    """Return the From of a mailing, e.g. `Bridgeway <news@bridgeway.example>`."""
    return formataddr((who.sender_name or who.name, who.sender_email))
