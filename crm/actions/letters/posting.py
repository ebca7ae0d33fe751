"""How a letter leaves: one message for each target, whose deliveries are the letters of the supporters.

The sender is our own address under the supporter's name, so that the letter passes the checks of mail servers (SPF,
DMARC); answers go to the supporter alone.
"""

import re
from collections.abc import Mapping, Sequence

from flask_babel import force_locale
from flask_babel import gettext as _

from crm.actions import addresses
from crm.actions.letters import pacing
from crm.actions.letters.models import Letter, Outreach
from crm.actions.models import Action
from crm.actions.targets import channels, recipients
from crm.actions.targets.models import Target
from crm.base.public_pages import public_url
from crm.delivery import letters, mime, outbox
from crm.delivery.addresses import BadAddress, wire_form
from crm.extensions import db
from crm.organizations import coalition

# What turns the direction of the text around it, or stands for a pair of angle brackets in some mail programs.
NO_NAME = re.compile('[\u200e\u200f\u202a-\u202e\u2066-\u2069<>"@]')


def post(letter: Letter, posted: Sequence[tuple[Outreach, Target]]) -> None:
    """Queue the letter to each of these targets, which the caller has locked."""
    values = merge(letter)
    for outreach, target in posted:
        recipient = recipients.of_target(target, channels.LETTER)
        address = recipient.channels[channels.EMAIL]
        if target.message_id is None:
            target.message_id = _write(target, address)
        text = f"{greeting(target, letter.language)}\n\n{values['text']}"
        number = outbox.queue(
            target.message_id,
            address,
            contact_id=letter.contact_id,
            about=pacing.about(target),
            merge={**values, "text": text},
            occasion=f"outreach:{outreach.id}",
        )
        outreach.letter_id, outreach.delivery_id = letter.id, number


def greeting(target: Target, language: str) -> str:
    """Return how a letter to the target begins."""
    with force_locale(language):
        return target.greeting or _("Dear %(name)s,", name=recipients.named(target))


def merge(letter: Letter) -> Mapping[str, str]:
    """Return what is this letter's own: sender, subject, and the text with who wrote it beneath."""
    contact = letter.contact
    signed = "\n".join(filter(None, (letter.name, letter.zip_code or contact.zip_code, contact.email)))
    return {
        "sender_name": NO_NAME.sub("", letter.name).strip() or "A supporter",
        "reply_to": _reachable(contact.email or ""),
        "subject": letter.subject,
        "text": f"{letter.text}\n\n{signed}\n\n{_footer(letter)}",
    }


def _write(target: Target, address: str) -> int:
    ours = mime.mailbox(letters.frame()["sender"])[1]
    message = outbox.write(
        "{{ subject }}",
        "",
        "{{ text }}\n",
        sender=f"{{{{ sender_name }}}} <{ours}>",
        kind="personal",
        headers={"Auto-Submitted": "no"},
        reply_to="{{ reply_to }}",
    )
    pacing.begin(address, target.action.per_hour)
    return message.id


def _footer(letter: Letter) -> str:
    action = db.session.get_one(Action, letter.action_id)
    page = public_url(addresses.page(action))
    with force_locale(letter.language):
        about = {"name": letter.name, "coalition": coalition.name(), "page": page}
        said = _("Sent for %(name)s through %(coalition)s: %(page)s", **about)
        return f"-- \n{said}\n" + _("An answer to this mail goes to %(name)s alone.", name=letter.name)


def _reachable(address: str) -> str:
    """Return the address for Reply-To; "" for one that no header can hold in plain ASCII."""
    try:
        ascii_form, needs_utf8 = wire_form(address)
    except BadAddress:
        return ""
    return "" if needs_utf8 else ascii_form
