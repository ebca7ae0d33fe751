"""Where a sign-up came from: utm_* of the link, and the ?via= code of who shared it, or of what it stood in."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select, update

from crm.base import credits
from crm.base.acted import came_by
from crm.base.database import insert_into
from crm.base.locales import LANGUAGES
from crm.base.prepared import Prepared
from crm.contacts.merging import former
from crm.contacts.models import Contact, Source
from crm.extensions import db
from crm.organizations.models import Organization

PARAMETERS = ("via", "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
MAX_LENGTH = 100
LONGEST_LABEL = 200
BY_DIGEST = Prepared(lambda: select(Source.id).where(Source.digest == bindparam("wanted")))


@dataclass(frozen=True)
class Trail:
    """What the visitor's link said of where it stood; all of it is text that anybody may have typed."""

    via: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_content: str = ""
    utm_term: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str | None]) -> "Trail":
        """Return the trail in the arguments of a request or in a form, printable and cut to 100 characters."""
        return cls(**{name: _clean(values.get(name)) for name in PARAMETERS})

    def arguments(self) -> dict[str, str]:
        """Return what is known, to be carried along in links and hidden fields."""
        return {name: value for name, value in asdict(self).items() if value}

    def in_language(self, code: str | None) -> dict[str, Any]:
        """Return that for links to pages of ours, with the language that the visitor chose in the address, if any."""
        return self.arguments() | {"lang": code if code in LANGUAGES else None}


def of_visit(trail: Trail) -> int:
    """Return the id of the source that this trail leads to, made where it is new."""
    digest = digest_of(trail)
    return _id_of(digest) or _insert(digest, **_credited(trail))


def digest_of(trail: Trail) -> str:
    """Return the digest by which the source of such visits is found."""
    return _digest("visit", *asdict(trail).values())


def trail_to(source_id: int | None) -> Trail:
    """Return the trail that led to this source; an empty one for none."""
    row = db.session.get(Source, source_id) if source_id else None
    return Trail(row.code, *(getattr(row, name) for name in PARAMETERS[1:])) if row else Trail()


def find_or_make(kind: str, label: str, code: str = "") -> Source:
    """Return the source of that kind (import, staff, website …) and label, made where it is new."""
    digest = _digest(kind, label, code)
    source_id = _id_of(digest) or _insert(digest, kind=kind, label=label, code=code)
    return db.session.get_one(Source, source_id)


def is_credit(code: str) -> bool:
    """Tell whether a code credits somebody: a member, a supporter, a mailing."""
    return bool(code) and (_member(code) is not None or _of_supporter(code) or credits.of(code) is not None)


def give(organization_id: int, name: str, code: str) -> None:
    """Credit a member with who came by its code before it was given; who came by the code of another stays with that.

    The sources of whoever had the code before get digests of their own, so that new visits find them no more.
    """
    unclaimed = (Source.code == code, Source.kind == "website")
    theirs = {"kind": "member", "label": name, "organization_id": organization_id}
    db.session.execute(update(Source).where(*unclaimed).values(theirs))
    passed_on = (Source.code == code, Source.kind == "member", Source.organization_id != organization_id)
    for source in db.session.scalars(select(Source).where(*passed_on)):
        source.digest = _digest("former", source.digest)
    db.session.flush()


def signed_up(source_ids: Any) -> Select[int, datetime | None]:
    """Return the select of (contact id, moment) of those who came by these sources and confirmed it.

    `source_ids` are ids, or the select of them; None for no known source.
    """
    query = select(Contact.id, Contact.confirmed_at.label("at"))
    return query.where(came_by(Contact.source_id, source_ids), Contact.confirmed_at.is_not(None))


def _credited(trail: Trail) -> dict[str, str | int | None]:
    utm = {name: value for name, value in asdict(trail).items() if name != "via"}
    member = _member(trail.via)
    if member is not None:
        return {"kind": "member", "label": member.name, "code": trail.via, "organization_id": member.id, **utm}
    if trail.via and _of_supporter(trail.via):
        return {"kind": "supporter", "label": "Shared by supporters", "code": trail.via, **utm}
    if credit := credits.of(trail.via):
        return {"kind": credit[0], "label": credit[1][:LONGEST_LABEL], "code": trail.via, **utm}
    named = " / ".join(part for part in (trail.utm_source, trail.utm_campaign) if part)
    return {"kind": "website", "label": named or "Website", "code": trail.via, **utm}


def _of_supporter(code: str) -> bool:
    return bool(db.session.scalar(select(Contact.id).where(Contact.share_code == code))) or former.shared_by(code)


def _member(code: str) -> Organization | None:
    return db.session.scalar(select(Organization).where(Organization.via == code)) if code else None


def _id_of(digest: str) -> int | None:
    found: int | None = BY_DIGEST.scalar({"wanted": digest})
    return found


def _insert(digest: str, **values: str | int | None) -> int:
    db.session.execute(insert_into(Source).values(digest=digest, **values).on_conflict_do_nothing())
    return db.session.scalars(select(Source.id).where(Source.digest == digest)).one()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _clean(value: str | None) -> str:
    text = "".join(letter for letter in (value or "") if letter.isprintable())
    return " ".join(text.split())[:MAX_LENGTH]
