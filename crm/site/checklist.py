"""The first steps of a new installation, until its first mailing went out."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, and_, func, select

from crm.accounts.models import User
from crm.base.locales import IN_ENGLISH, TRANSLATED
from crm.contacts import wordings
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.mailings.models import Mailing


@dataclass(frozen=True)
class Step:
    """Something to do once: what, where, who may, and whether it is done."""

    label: str
    url: str
    permission: str
    done: bool


def steps() -> list[Step]:
    """Return the steps in their order; none once a mailing went out."""
    done = db.session.execute(
        select(
            _any(Mailing.id, Mailing.released_at.is_not(None)).label("released"),
            _any(Mailing.id).label("mailing"),
            _any(Contact.id).label("contact"),
            _any(Influencer.id).label("influencer"),
            (_number_of_staff() > 1).label("colleague"),
            and_(*(wordings.is_live(language) for language in TRANSLATED)).label("translated"),
        )
    ).one()
    if done.released:
        return []
    return [
        Step("Bring the people you have", url_for("transfer_staff.index"), "contacts.import", done.contact),
        Step(
            f"Let somebody review the {' and '.join(IN_ENGLISH[code] for code in TRANSLATED)} consent wordings",
            url_for("settings_staff.consent"),
            "settings.edit",
            done.translated,
        ),
        Step("Invite a colleague", url_for("accounts_staff.invite"), "users.edit", done.colleague),
        Step(
            "Add the people who can move the agenda",
            url_for("influencers_staff.index"),
            "influencers.edit",
            done.influencer,
        ),
        Step("Write the first mailing", url_for("mailings_staff.index"), "mailings.edit", done.mailing),
    ]


def _any(column: Any, *conditions: Any) -> ColumnElement[bool]:
    return select(column).where(*conditions).exists()


def _number_of_staff() -> ColumnElement[int]:
    return select(func.count()).select_from(User).where(User.active).scalar_subquery()
