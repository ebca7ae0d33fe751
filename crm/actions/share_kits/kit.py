"""The share kit: its texts with the links of whoever looks at them, and where these lead."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from sqlalchemy import select
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from crm.actions import addresses
from crm.actions.forms import ActionForm
from crm.actions.kinds import ActionKind
from crm.actions.models import Action
from crm.actions.share_kits import counting
from crm.actions.share_kits.channels import CHANNELS, HOSTS, ORDER, Channel
from crm.actions.share_kits.models import ShareText
from crm.base import locales
from crm.base.forms import row_or_none
from crm.base.public_pages import public_url
from crm.contacts.sources import Trail
from crm.extensions import db

LINK = re.compile(r"\{\s*link\s*\}")
CODE = re.compile(r"[a-z0-9-]{1,32}")


class ShareKitForm(ActionForm):
    """Where the links of the kit lead."""

    leads_to = SelectField("Its links lead to", coerce=row_or_none, validators=[Optional()])

    def __init__(self, action: Action, **kwargs: Any) -> None:
        super().__init__(action, **kwargs)
        query = select(Action).where(Action.kind != "share_kit").order_by(Action.created_at.desc(), Action.id.desc())
        found = db.session.scalars(query.limit(200))
        choices = [SelectChoice(one.id, one.title()) for one in found]
        self.leads_to.choices = [SelectChoice("", "The sign-up page"), *choices]


@dataclass(frozen=True)
class Ready:
    """A text as a visitor takes it: with the visitor's link in it, and the address that opens its channel."""

    id: int
    channel: Channel
    subject: str
    text: str
    language: str
    address: str


def kind() -> ActionKind:
    """Return the kind of action that is a share kit."""
    return ActionKind(
        label="Share kit",
        about="Ready texts for WhatsApp, mail and networks, with links that credit the member or supporter who shares.",
        order=40,
        form=ShareKitForm,
        part="actions/share_kits/public.html",
        outcome="Texts taken",
        counts=counting.taken,
        rows=lambda action: url_for("share_kits_staff.index", action_id=action.id),
        values=values,
        hosts=HOSTS,
        wide=True,
        offers_pictures=True,
    )


def values(action: Action) -> dict[str, Any]:
    """Return the texts for the visitor: those in the language of the page, or else all."""
    via = request.args.get("via", "")
    via = via if CODE.fullmatch(via) else ""
    found = texts(action.id)
    said = [one for one in found if one.language == locales.language()] or found
    return {"ready": [ready(one, via) for one in said], "via": via}


def texts(action_id: int) -> Sequence[ShareText]:
    """Return the texts of a kit, in the order of the channels."""
    found = db.session.scalars(select(ShareText).where(ShareText.action_id == action_id).order_by(ShareText.id)).all()
    return sorted(found, key=lambda one: ORDER.index(one.channel))


def ready(said: ShareText, via: str) -> Ready:
    """Return the text with the link of who shares; without a place for it, the link stands at its end."""
    link, channel = public_url(short(said.id, via)), CHANNELS[said.channel]
    text = LINK.sub(lambda _match: link, said.text.strip())
    text = text if link in text else f"{text}\n{link}"
    subject = said.subject or said.action.title(said.language)
    return Ready(said.id, channel, subject, text, said.language, channel.address(subject, text, link))


def short(text_id: int, via: str) -> str:
    """Return the path of the link in a text, which counts who follows it."""
    return f"/s/{text_id}/{via}" if via else f"/s/{text_id}"


def target(said: ShareText, via: str) -> str:
    """Return where such a link leads, with the credit of who shares and of the text."""
    chosen = db.session.get(Action, said.action.leads_to) if said.action.leads_to else None
    path = addresses.page(chosen) if chosen is not None and chosen.state == "published" else "/signup"
    trail = Trail(via, said.channel, "share", said.action.slug[:100], counting.content(said.id))
    return f"{path}?{urlencode(trail.arguments())}"
