"""Setting up a new installation, once."""

import base64
import hmac
import ipaddress
import logging
from dataclasses import dataclass, field
from datetime import date

from flask import current_app, request
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.accounts import users
from crm.accounts.models import User
from crm.base import audit, clock, signing
from crm.base.models import Installation
from crm.contacts import topics, wordings
from crm.extensions import db
from crm.goals.models import Goal
from crm.organizations import coalition
from crm.organizations.models import Coalition

log = logging.getLogger(__name__)


class AlreadySetUp(Exception):
    """Somebody has set this installation up before."""


@dataclass(frozen=True)
class Wording:
    """A consent wording in one language, and who stands for its translation (nobody: it stays a draft)."""

    text: str
    reviewed_by: str


@dataclass(frozen=True)
class Answers:
    """What the setup page asks for; `admin` is (name, address, password), None where a user exists."""

    name: str
    purpose: str
    zone: str
    sender_name: str
    sender_email: str
    postal_address: str
    topics: list[dict[str, str]]
    consent: dict[str, Wording]
    goal: tuple[str, int, date, date]
    admin: tuple[str, str, str] | None
    logo: tuple[bytes, str] | None = field(default=None, repr=False)


def is_open() -> bool:
    """Tell whether this installation waits for its setup page."""
    return coalition.current() is None


def set_up(answers: Answers, admin: User | None = None) -> User:
    """Write everything down, or nothing; returns the first admin. Raises AlreadySetUp.

    The coalition's row has a fixed number, so of two that set up at the same moment one fails. The password is
    hashed before the first look into the database, so that no lock is held meanwhile.
    """
    try:
        if answers.admin:
            name, address, password = answers.admin
            admin = users.add(address, name, "admin", password)
        if admin is None or not is_open():
            raise AlreadySetUp
        _found(answers)
    except (IntegrityError, users.Refused) as error:
        raise AlreadySetUp from error
    _begin_lists(answers, admin)
    audit.record("set_up", "coalition", 1, name=answers.name)
    return admin


def needs_code() -> bool:
    """Tell whether a setup from this request must bring the code: always, but on the developer's own machine."""
    if not current_app.config["DEVELOPMENT"] or "X-Forwarded-For" in request.headers:
        return True
    try:
        return not ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return True


def code() -> str:
    """Return the code that keeps strangers from setting up an installation on a public server."""
    number = db.session.scalars(select(Installation.id)).one()
    digest = hmac.digest(signing.key("setup"), number.bytes, "sha256")
    text = base64.b32encode(digest)[:12].decode()
    return "-".join((text[:4], text[4:8], text[8:]))


def right_code(typed: str) -> bool:
    """Tell whether that is the code, however it was typed."""
    plain = "".join(c for c in typed.upper() if c.isalnum())
    return hmac.compare_digest(plain.encode(), code().replace("-", "").encode())


def path() -> str:
    """Return the path of the setup page, with the code; empty once the installation is set up."""
    return f"/setup?code={code()}" if is_open() else ""


def _found(answers: Answers) -> None:
    image, image_type = answers.logo or (None, None)
    db.session.add(
        Coalition(
            id=1,
            name=answers.name,
            purpose=answers.purpose,
            zone=answers.zone,
            sender_name=answers.sender_name,
            sender_email=answers.sender_email,
            postal_address=answers.postal_address,
            logo=image,
            logo_type=image_type,
            set_up_at=clock.now(),
        )
    )
    db.session.flush()


def _begin_lists(answers: Answers, admin: User) -> None:
    admin.zone = answers.zone
    topics.begin(answers.topics)
    for language, wording in answers.consent.items():
        kept = wordings.draft(language, wording.text)
        if wording.reviewed_by:
            wordings.review(kept, wording.reviewed_by)
            wordings.go_live(kept)
    title, target, starts_on, deadline = answers.goal
    db.session.add(
        Goal(metric="confirmed_sign_ups", title=title, target=target, starts_on=starts_on, deadline=deadline)
    )
