"""Who signed for an organization that stood under the letter already: kept, so that staff can write to them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from crm.actions.models import Action
from crm.actions.sign_on.models import FurtherSigner, SignOn
from crm.base.database import insert_into
from crm.contacts import timeline
from crm.contacts.keys import name_key_of
from crm.extensions import db


def keep(action: Action, name: str, values: Mapping[str, Any]) -> None:
    """Keep who it was and when, once; nothing where it is whoever signed before."""
    key, contact_id = name_key_of(name), values["contact_id"]
    stands = select(SignOn.contact_id).where(SignOn.action_id == action.id, SignOn.name_key == key)
    if contact_id is None or db.session.scalar(stands) == contact_id:
        return
    kept = {each: values[each] for each in ("contact_id", "signer", "signer_title", "at")}
    row = insert_into(FurtherSigner).values(action_id=action.id, name_key=key, **kept)
    if db.session.execute(row.on_conflict_do_nothing().returning(FurtherSigner.id)).first() is not None:
        told = f"Asked to sign for {name}, for which somebody had signed: {action.title()}"
        timeline.record(contact_id, "action", told, f"/actions/{action.slug}", actor="visitor", at=values["at"])


def drop(action: Action, name: str, contact_id: int) -> None:
    """Forget that this contact had asked: now it is who signed."""
    gone = delete(FurtherSigner).where(FurtherSigner.action_id == action.id, FurtherSigner.contact_id == contact_id)
    db.session.execute(gone.where(FurtherSigner.name_key == name_key_of(name)))


def of(rows: Collection[SignOn]) -> dict[tuple[int, str], list[FurtherSigner]]:
    """Return by letter and organization who asked besides, the first one first."""
    found: dict[tuple[int, str], list[FurtherSigner]] = defaultdict(list)
    mine = FurtherSigner.action_id.in_({row.action_id for row in rows})
    query = select(FurtherSigner).where(mine, FurtherSigner.name_key.in_({row.name_key for row in rows}))
    for one in db.session.scalars(query.options(joinedload(FurtherSigner.contact)).order_by(FurtherSigner.at)):
        found[one.action_id, one.name_key].append(one)
    return found
