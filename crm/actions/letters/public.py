"""What a supporter sees once the address is proven: what was sent, and which forms and telephones are left."""

from collections.abc import Mapping

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from crm.actions import listing, pages
from crm.actions.letters import settling, texts
from crm.actions.letters.models import Letter
from crm.actions.models import Action
from crm.actions.targets import channels, recipients
from crm.actions.targets.recipients import Recipient
from crm.base import clock, locales
from crm.base.deeds import Deed, Done
from crm.base.guards import public
from crm.contacts import known
from crm.contacts.models import Contact
from crm.extensions import csrf, db

bp = Blueprint("letters_public", __name__)
bp.after_request(known.keep_private)


@bp.get("/actions/<slug>/written/<token>")
@public
def written(slug: str, token: str) -> str | Response:
    """Thank a supporter, tell what is on its way, and offer what is left to do."""
    action = _found(slug)
    contact = known.who_did(token, action.kind, action.id)
    if contact is None:
        return redirect(url_for("actions_public.show", slug=slug))
    values = pages.thanks(action, contact, token) | {"sent": _sent(action, contact)}
    values |= {"left": _left(action, contact, token), "letter": _letter(action, contact)}
    values |= {"scripts": texts.for_visitors(action, channels.CALL)}
    return render_template("actions/letters/public/written.html", **values)


@bp.post("/actions/<slug>/written/<token>")
@csrf.exempt
@public
def note(slug: str, token: str) -> Response:
    """Write down that the supporter used a form or the telephone."""
    action = _found(slug)
    contact = known.who_did(token, action.kind, action.id)
    if contact is None:
        return redirect(url_for("actions_public.show", slug=slug), 303)
    recipient = next((one for one in _left(action, contact, token) if one.choice == request.form.get("did")), None)
    if recipient is not None:
        deed = Deed(action.kind, action.id)
        source_id = next((one.source_id for one in settling.done_by(action.id, contact.id)), None)
        done = Done(deed, contact.id, source_id, contact.language, contact.confirmed_at is None, clock.now())
        settling.note(action, recipient, done)
        db.session.commit()
    return redirect(url_for(".written", slug=slug, token=token, lang=locales.language()), 303)


def _found(slug: str) -> Action:
    action = listing.named(slug)
    if action is None or action.kind not in channels.ORDER:
        abort(404)
    return action


def _sent(action: Action, contact: Contact) -> list[tuple[str, str]]:
    """Return name and channel of each target that the contact wrote to or called."""
    return [(recipients.named(one.target), one.channel) for one in settling.done_by(action.id, contact.id)]


def _left(action: Action, contact: Contact, token: str) -> list[Recipient]:
    """Return the offices with a form or a telephone that the contact has not used yet."""
    did = {(one.target_id, one.channel) for one in settling.done_by(action.id, contact.id)}
    home = settling.home_of(action, _told_home(contact, token))
    offered = [one for one in recipients.offered(action, home) if one.channel != channels.EMAIL]
    return [one for one in offered if not (one.target and (one.target.id, one.channel) in did)]


def _letter(action: Action, contact: Contact) -> Letter | None:
    mine = select(Letter).where(Letter.action_id == action.id, Letter.contact_id == contact.id)
    return db.session.scalar(mine.order_by(Letter.id.desc()).limit(1))


def _told_home(contact: Contact, token: str) -> Mapping[str, str]:
    """Return ZIP code and district as the form said of which the page tells, or else the ZIP code on record."""
    zip_code, _, district = known.carried(token).partition(":")
    return {"zip": zip_code or contact.zip_code[:5], "district": district}
