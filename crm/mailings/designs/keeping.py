"""Keeping designs: one is saved, becomes the default, is worn by a mailing, and is deleted where none wears it."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select, update

from crm.base import audit, changes
from crm.base.changes import Refused
from crm.base.database import insert_into
from crm.extensions import db
from crm.mailings.comparing import pairing
from crm.mailings.designs import palettes, presets
from crm.mailings.designs.models import MailingDesign, MailingDress
from crm.mailings.models import Mailing


class NotDraft(ValueError):
    """The mailing is on its way or was sent; the message says what to do."""


def begun(preset: str) -> MailingDesign:
    """Return a new design with the colors and typefaces of a preset; unsaved."""
    chosen = presets.PRESETS.get(preset, presets.PRESETS["newsletter"])
    return MailingDesign(name="", colors=deepcopy(chosen.colors), font=chosen.font, header={}, footer={})


def save(design: MailingDesign, values: Mapping[str, Any], opened_on: int = 0) -> MailingDesign:
    """Set the values on a new design or one that there is, and return it; raises Refused, Collision."""
    typed = dict(values)
    for theme in palettes.THEMES:
        colors = {name: typed[f"{theme}_{name}"] for name in palettes.CHOSEN}
        typed |= {f"{theme}_{name}": color for name, color in palettes.checked(theme, colors).items()}
    if design.id is not None:
        changes.claim(design, "mailing_design", opened_on)
    if typed["default"]:
        db.session.execute(update(MailingDesign).where(MailingDesign.default).values(default=False))
    changes.keep(design, "mailing_design", typed)
    return design


def everything() -> list[tuple[MailingDesign, int]]:
    """Return each design by name, with how many mailings wear it of their own."""
    worn = select(func.count()).where(MailingDress.design_id == MailingDesign.id).scalar_subquery()
    rows = db.session.execute(select(MailingDesign, worn).order_by(MailingDesign.name, MailingDesign.id))
    return [(design, number) for design, number in rows]


def wearing(design: MailingDesign) -> Sequence[Mailing]:
    """Return the mailings that wear the design of their own, the newest first."""
    query = select(Mailing).join(MailingDress, MailingDress.mailing_id == Mailing.id)
    query = query.where(MailingDress.design_id == design.id)
    return db.session.scalars(query.order_by(Mailing.updated_at.desc(), Mailing.id.desc())).all()


def delete(design: MailingDesign) -> None:
    """Delete a design that nothing wears; raises Refused."""
    changes.lock(design)
    if number := len(wearing(design)):
        raise Refused(f"{number} mailing{'s wear' if number > 1 else ' wears'} it. Give them another first.", "")
    audit.record("delete", "mailing_design", design.id, name=[design.name, None])
    db.session.delete(design)


def dress(mailing: Mailing, design: MailingDesign | None) -> None:
    """Let the draft wear that design; None: the default one. Raises NotDraft."""
    changes.lock(mailing)
    if mailing.state != "draft":
        raise NotDraft(f"This mailing is {mailing.state}. Take it back to a draft, or copy it, to change its design.")
    if words := pairing.closed(mailing):
        raise NotDraft(words)
    db.session.execute(delete_rows(MailingDress).where(MailingDress.mailing_id == mailing.id))
    if design:
        _wear(mailing.id, design.id)
    mailing.version += 1
    audit.record("dress", "mailing", mailing.id, design=[None, design.name if design else None])
    pairing.follow(mailing)


def dress_alike(mailing: Mailing, model: Mailing) -> None:
    """Let a new mailing wear what the other one wears of its own."""
    design_id = db.session.scalar(select(MailingDress.design_id).where(MailingDress.mailing_id == model.id))
    if design_id is not None:
        _wear(mailing.id, design_id)


def _wear(mailing_id: int, design_id: int) -> None:
    db.session.execute(insert_into(MailingDress).values(mailing_id=mailing_id, design_id=design_id))
