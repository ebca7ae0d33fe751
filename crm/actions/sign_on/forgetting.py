"""What becomes of the person who signed for an organization, when asked to be forgotten: the organization stays."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import delete, update

from crm.actions.sign_on.models import DeliveredSigner, FurtherSigner, SignOn
from crm.extensions import db


def forget(contact_id: int) -> Iterable[Path]:
    """Take the name and title of who signed off, of letters that were handed over, too; no files are left."""
    nobody = {"signer": "", "signer_title": "", "contact_id": None}
    for signed in (SignOn, DeliveredSigner):
        db.session.execute(update(signed).where(signed.contact_id == contact_id).values(nobody))
    db.session.execute(delete(FurtherSigner).where(FurtherSigner.contact_id == contact_id))
    return []
