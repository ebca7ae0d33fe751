"""The exact words by which people agree that one member gets their name and address: a purpose for each member."""

from collections.abc import Collection

from crm.base.forms import row_number
from crm.contacts import wordings
from crm.contacts.models import ConsentWording
from crm.extensions import db
from crm.organizations.models import Organization

PREFIX = "share:"
PROPOSALS = {
    "en": (
        "{name} may pass on my name, my e-mail address and my ZIP code to {member}, which may then write to me "
        "itself. This is my free choice, and I can take it back at any time by the link in every e-mail."
    ),
    "es": (
        "{name} puede transmitir mi nombre, mi correo electrónico y mi código postal a {member}, que podrá "
        "escribirme. Es una decisión libre, y puedo retirarla en cualquier momento con el enlace de cada correo."
    ),
    "ar": (
        "يجوز لـ {name} إعطاء اسمي وبريدي الإلكتروني ورمزي البريدي إلى {member}، التي يجوز لها عندئذ مراسلتي. "
        "هذا اختيار حر، ويمكنني التراجع عنه في أي وقت من خلال الرابط الموجود في كل رسالة."
    ),
}


def purpose_of(organization_id: int) -> str:
    """Return the purpose of consents for that member."""
    return f"{PREFIX}{organization_id}"


def live(language: str, organization_ids: Collection[int]) -> dict[int, ConsentWording]:
    """Return by member the wording that is shown in that language, or else the English one; none: nobody is asked."""
    purposes = {purpose_of(number): number for number in organization_ids}
    return {purposes[purpose]: wording for purpose, wording in wordings.of_each(language, purposes.keys()).items()}


def of_purpose(purpose: str) -> wordings.Purpose | None:
    """Return what staff review under that purpose, where it is one of ours."""
    number = row_number(purpose.removeprefix(PREFIX)) if purpose.startswith(PREFIX) else 0
    member = db.session.get(Organization, number) if number else None
    if member is None:
        return None
    texts = {code: text.replace("{member}", member.name) for code, text in PROPOSALS.items()}
    return wordings.Purpose(f"To share with {member.name}", texts)
