"""From the address of a counted link to where it leads."""

from sqlalchemy import func, select

from crm.contacts.click_consent import agreeing
from crm.extensions import db
from crm.mailings import links
from crm.mailings.models import Mailing, MailingLink
from crm.mailings.reading import arriving
from crm.mailings.reading.counting import Followed


def find(token: str) -> Followed | None:
    """Return the link of that address, as it stands in the mailing; None for an address that is not ours.

    Who follows it is known only of those who agree at this moment, however old the mail is.
    """
    named = links.read(token)
    if named is None:
        return None
    number = select(func.count()).where(MailingLink.mailing_id == named.mailing_id).scalar_subquery()
    query = select(MailingLink.id, MailingLink.url, number.label("links"), Mailing.language, Mailing.released_at)
    query = query.join(Mailing, Mailing.id == MailingLink.mailing_id)
    this = (MailingLink.mailing_id == named.mailing_id) & (MailingLink.number == named.number)
    row = db.session.execute(query.where(this)).one_or_none()
    if row is None:
        return None
    contact_id = agreeing.contact_of(named.key) if named.key else None
    came_at = (
        arriving.of_text(named, row.released_at)
        if contact_id is None
        else arriving.of_copy(named.mailing_id, contact_id)
    )
    return Followed(
        link_id=row.id,
        url=row.url,
        mailing_id=named.mailing_id,
        number=named.number,
        links=row.links,
        language=named.language or row.language,
        variant=named.variant,
        released_at=row.released_at,
        came_at=came_at,
        contact_id=contact_id,
    )
