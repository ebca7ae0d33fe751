"""The history of a mailing: what all its texts said whenever somebody saved it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from crm.base import audit, clock
from crm.extensions import db
from crm.mailings.composer.models import MailingRevision
from crm.mailings.models import Mailing, MailingText
from crm.mailings.texts import TEXT, Text

ONE_SITTING = timedelta(minutes=10)
KEPT = 100


def keep(mailing: Mailing, *, by_hand: bool = True) -> None:
    """Write down what the mailing says now; what one person wrote within some minutes becomes one revision."""
    db.session.flush()
    content, now, who = content_of(mailing), clock.now(), audit.actor()
    last = newest(mailing)
    if last is not None and last.content == content:
        last.by_hand = last.by_hand or by_hand
        return
    if last is None or last.by_hand or last.who != who or now - last.begun_at > ONE_SITTING:
        last = MailingRevision(mailing_id=mailing.id, begun_at=now, who=who)
        db.session.add(last)
    last.version, last.at, last.by_hand, last.content = mailing.version, now, by_hand, content
    db.session.flush()
    _drop_oldest(mailing)


def newest(mailing: Mailing) -> MailingRevision | None:
    """Return the last revision of a mailing."""
    return db.session.scalar(_of(mailing).limit(1))


def of(mailing: Mailing) -> list[MailingRevision]:
    """Return its revisions, the newest first."""
    return list(db.session.scalars(_of(mailing)))


def content_of(mailing: Mailing) -> dict[str, Any]:
    """Return what all texts of a mailing say, as a revision holds it."""
    return {**_said(mailing), "texts": [_said(one) for one in mailing.texts]}


def texts_in(revision: MailingRevision) -> list[Text]:
    """Return the texts of a revision as rows that are not kept: the main one, then the others."""
    main, *others = ({name: said[name] for name in TEXT} for said in (revision.content, *revision.content["texts"]))
    return [Mailing(**main), *(MailingText(**one) for one in others)]


def _of(mailing: Mailing) -> Any:
    return (
        select(MailingRevision)
        .where(MailingRevision.mailing_id == mailing.id)
        .order_by(MailingRevision.at.desc(), MailingRevision.id.desc())
    )


def _said(text: Text) -> dict[str, Any]:
    return {name: getattr(text, name) for name in TEXT}


def _drop_oldest(mailing: Mailing) -> None:
    old = _of(mailing).with_only_columns(MailingRevision.id).offset(KEPT).limit(KEPT)
    if ids := db.session.scalars(old).all():
        db.session.execute(delete(MailingRevision).where(MailingRevision.id.in_(ids)))
