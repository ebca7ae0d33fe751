"""The letter and the call as kinds of actions, and what their public page shows at each step."""

import re
from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select

from crm.actions import addresses, listing
from crm.actions.kinds import ActionKind
from crm.actions.letters import settling, texts
from crm.actions.letters.forms import LetterActionForm, form_for
from crm.actions.letters.models import Outreach
from crm.actions.models import Action
from crm.actions.targets import channels, recipients, representatives
from crm.actions.targets.recipients import BY_ZIP, Home
from crm.base.deeds import Deed, DeedKind
from crm.contacts import known
from crm.extensions import db

ASK_ZIP, ASK_DISTRICT, WRITE = "zip", "district", "write"
UNSURE = "unsure"
DISTRICT = re.compile(r"[A-Z]{2}-[0-9]{1,2}")
PROMPTS = {
    channels.LETTER: (_l("Please confirm your letter: “%(title)s”."), _l("Send my letter")),
    channels.CALL: (_l("Please confirm your call: “%(title)s”."), _l("Confirm my call")),
}
DONE = (_l("Please confirm what you did: “%(title)s”."), _l("Count what I did"))
NAMED_FOR = {channels.LETTER: channels.EMAIL, channels.CALL: channels.PHONE}


def letter() -> ActionKind:
    """Return the kind of action that is a letter to targets."""
    about = "People write to offices: by e-mail through us, or by the offices' own forms."
    return _kind("Letter to targets", about, 20, "Letters")


def call() -> ActionKind:
    """Return the kind of action that is a call to targets."""
    return _kind("Call to targets", "People telephone offices, with a script to say.", 30, "Calls", channels.CALL)


def deed(kind: str) -> DeedKind:
    """Return how letters or calls are confirmed."""
    prompt, button = PROMPTS[kind]
    return DeedKind(
        listing.title_of,
        prompt,
        button,
        settling.settle,
        page,
        after,
        carries=home,
        open=listing.is_open,
        late=True,
        fitting=lambda asked: None if _is_in_name(kind, asked) else DONE,
    )


def page(action_id: int) -> str:
    """Return the path of its page."""
    action = db.session.get(Action, action_id)
    return addresses.page(action) if action else "/actions/"


def after(action_id: int, token: str) -> str:
    """Return the path of the page that tells what was sent, and what is left to do."""
    action = db.session.get(Action, action_id)
    return f"{addresses.page(action)}/written/{token}" if action else "/actions/"


def home(details: Mapping[str, Any]) -> str:
    """Return ZIP code and district as the form said; "" where the action does not ask."""
    zip_code, district = str(details.get("zip", "")), str(details.get("district", ""))
    return f"{zip_code}:{district if DISTRICT.fullmatch(district) else ''}" if zip_code else ""


def counts() -> Select[Any, Any]:
    """Return the query of how many people wrote or called, by action."""
    return select(Outreach.action_id, func.count(Outreach.contact_id.distinct())).group_by(Outreach.action_id)


def values(action: Action) -> dict[str, Any]:
    """Return the step that the visitor is at, and to whom they are led."""
    me = known.visitor(action.kind, action.id)
    typed = request.values.get("zip", "")
    found = {"by_zip": action.whom == BY_ZIP, "typed_zip": typed[:20], "zip_error": "", "unsure": UNSURE}
    found["on_record"] = not typed  # And not to be read by who got the link forwarded.
    typed = typed or (me.zip_code if me else "")
    if action.whom != BY_ZIP:
        return found | _writing(action, None)
    if not typed:
        empty = _("Enter your ZIP code first, so that we find your representatives.")
        return found | {"step": ASK_ZIP, "zip_error": empty if "zip" in request.values else ""}
    code, chosen = representatives.zip_code(typed), request.values.get("district", "")
    seats = representatives.seats_of(code) if code else []
    if not seats:
        unknown = _("We do not know this ZIP code. Enter the five digits of the ZIP code where you live.")
        return found | {"step": ASK_ZIP, "zip_error": unknown}
    if len(seats) > 1 and chosen not in (UNSURE, *(seat.key for seat in seats)):
        names = {key: one for one, key in representatives.holding(seats, "house", action.organization_id)}
        offered = [(seat, names.get(f"{representatives.HOUSE}{seat.key}")) for seat in seats]
        return found | {"step": ASK_DISTRICT, "zip": code, "seats": offered, "named": recipients.public_name}
    home = Home.of(code, chosen)
    return found | {"zip": code, "district": chosen, "several": len(home.seats) > 1} | _writing(action, home)


def staff_pages(action: Action) -> list[tuple[str, str]]:
    """Return the pages of the targets and of the texts."""
    pages = {"Targets": "targets_staff.index", "Suggested texts": "letters_staff.suggested"}
    return [(label, url_for(endpoint, action_id=action.id)) for label, endpoint in pages.items()]


def _is_in_name(kind: str, deed: Deed) -> bool:
    """Tell whether somebody called, or a letter is to leave; none does once the action is closed."""
    chosen = any(str(one).startswith(f"{NAMED_FOR[kind]}:") for one in deed.details.get("did", ()))
    return chosen and (kind != channels.LETTER or listing.is_open(deed.about_id))


def _writing(action: Action, home: Home | None) -> dict[str, Any]:
    offered = recipients.offered(action, home)
    by_channel = {channel: [one for one in offered if one.channel == channel] for channel in channels.CHANNELS}
    suggested = texts.for_visitors(action, channels.LETTER)
    return {
        "step": WRITE,
        "by_channel": by_channel,
        "offered": offered,
        "agreed": recipients.thanked(action, home),
        "unreachable": recipients.unreachable(action, home) if home else [],
        "suggested": suggested if len(suggested) > 1 else [],
        "scripts": texts.for_visitors(action, channels.CALL),
        "writes": bool(by_channel[channels.EMAIL] or by_channel[channels.FORM]),
    }


def _kind(label: str, about: str, order: int, outcome: str, deed: str = channels.LETTER) -> ActionKind:
    return ActionKind(
        label=label,
        about=about,
        order=order,
        form=LetterActionForm,
        part="actions/letters/public/letter.html",
        outcome=outcome,
        counts=counts,
        rows=lambda action: url_for("letters_staff.index", action_id=action.id),
        deed=deed,
        visitor_form=form_for,
        values=values,
        did=lambda action, contact: bool(settling.done_by(action.id, contact.id)),
        wide=True,
        staff_pages=staff_pages,
        reports=deed == channels.CALL,
    )
