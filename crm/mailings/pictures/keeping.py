"""Keeping pictures: one is uploaded, found, described, used by mailings, and deleted where none uses it."""

import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath, PureWindowsPath

from sqlalchemy import ColumnElement, Select, String, cast, or_, select
from werkzeug.datastructures import FileStorage

from crm.accounts.models import User
from crm.base import audit, clock, database
from crm.base.block_kinds import picture_users
from crm.base.changes import Refused
from crm.base.words import searched
from crm.extensions import db
from crm.mailings.archive.models import MailingAsSent
from crm.mailings.designs.models import MailingDesign
from crm.mailings.models import Mailing, MailingText
from crm.mailings.pictures import painting, storage
from crm.mailings.pictures.models import MailingPicture


@contextmanager
def received(upload: FileStorage, alt: str, user: User) -> Iterator[MailingPicture]:
    """Paint and store an upload, and yield its new row, for the caller to commit.

    What was not committed before is dropped (see database.looking). Nothing stays after an error. Raises Refused.
    """
    with database.looking():
        made = painting.painted(upload.stream)
    public_id = secrets.token_hex(16)
    try:
        storage.SHELF.keep(storage.name_of(public_id, made.kind), made.large)
        if made.small:
            storage.SHELF.keep(storage.name_of(public_id, made.kind, small=True), made.small)
        picture = MailingPicture(public_id=public_id, kind=made.kind, name=_shown(upload.filename), alt=alt)
        picture.width, picture.height, picture.size = made.width, made.height, len(made.large)
        picture.user_id, picture.created_at = user.id, clock.now()
        db.session.add(picture)
        db.session.flush()
        audit.record("upload", "mailing_picture", picture.id, name=[None, picture.name])
        yield picture
    except BaseException:
        storage.remove(public_id, made.kind)
        raise


def url(picture: MailingPicture, *, small: bool = False) -> str:
    """Return the public address of the picture; of the small file, where there is one and it is wanted."""
    return storage.url_of(file_of(picture, small=small))


def file_of(picture: MailingPicture, *, small: bool = False) -> str:
    """Return the name of a file of the picture: of the small one, where there is one and it is wanted."""
    return storage.name_of(picture.public_id, picture.kind, small=small and picture.width > painting.SMALL)


def find(public_id: str) -> MailingPicture | None:
    """Return the picture of that public id."""
    return db.session.scalar(select(MailingPicture).where(MailingPicture.public_id == public_id))


def named(public_ids: Collection[str]) -> dict[str, MailingPicture]:
    """Return those of these pictures that there are, by their public ids."""
    rows = db.session.scalars(select(MailingPicture).where(MailingPicture.public_id.in_(public_ids)))
    return {picture.public_id: picture for picture in rows}


def matching(words: str) -> Select[MailingPicture]:
    """Return the query of the pictures whose name or description holds each of the words, the newest first."""
    query = select(MailingPicture).order_by(MailingPicture.created_at.desc(), MailingPicture.id.desc())
    for word in searched(words):
        found = or_(*(column.icontains(word, autoescape=True) for column in (MailingPicture.name, MailingPicture.alt)))
        query = query.where(found)
    return query


def users_of(picture: MailingPicture) -> list[Mailing]:
    """Return the mailings that show the picture, in any of their texts or as they were sent, the newest first."""
    by_text = select(MailingText.mailing_id).where(_shows(MailingText, picture))
    as_sent = select(MailingAsSent.mailing_id).where(MailingAsSent.html.contains(picture.public_id))
    query = select(Mailing).where(or_(_shows(Mailing, picture), Mailing.id.in_(by_text), Mailing.id.in_(as_sent)))
    return list(db.session.scalars(query.order_by(Mailing.updated_at.desc(), Mailing.id.desc())))


def describe(picture: MailingPicture, name: str, alt: str) -> None:
    """Change the name and the description of a picture."""
    audit.record("save", "mailing_picture", picture.id, name=[picture.name, name], alt=[picture.alt, alt])
    picture.name, picture.alt = name, alt


def delete(picture: MailingPicture) -> None:
    """Delete a picture that nothing shows; its files are deleted by whoever commits. Raises Refused."""
    if users := users_of(picture):
        raise Refused(
            f"{len(users)} mailing{'s show' if len(users) > 1 else ' shows'} it. Take it out there first.", ""
        )
    if names := [name for using in picture_users for name in using(picture.public_id)]:
        raise Refused(f"“{names[0]}” on the website shows it. Take it out there first.", "")
    if design := db.session.scalar(select(MailingDesign).where(MailingDesign.logo_id == picture.id).limit(1)):
        raise Refused(f"It is the logo of the design “{design.name}”. Choose another there first.", "")
    audit.record("delete", "mailing_picture", picture.id, name=[picture.name, None])
    db.session.delete(picture)


def sweep() -> int:
    """Delete files whose picture was never saved; returns how many. A job."""
    rows = select(MailingPicture.public_id, MailingPicture.kind)
    return storage.sweep((row.public_id, row.kind) for row in db.session.execute(rows))


def _shows(text: type[Mailing] | type[MailingText], picture: MailingPicture) -> ColumnElement[bool]:
    return or_(cast(text.blocks, String).contains(picture.public_id), text.body.contains(picture.public_id))


def _shown(filename: str | None) -> str:
    name = PurePosixPath(PureWindowsPath(filename or "").as_posix()).stem
    return "".join(letter for letter in name if letter.isprintable()).strip()[:200] or "Picture"
