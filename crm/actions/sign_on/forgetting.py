"""What becomes of the person who signed for an organization, when asked to be forgotten: the organization stays."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import update

from crm.actions.sign_on.models import SignOn
from crm.extensions import db


def forget(contact_id: int) -> Iterable[Path]:
    """Take the name and title of who signed off; no files are left."""
    mine = update(SignOn).where(SignOn.contact_id == contact_id)
    db.session.execute(mine.values(signer="", signer_title="", contact_id=None))
    return []
