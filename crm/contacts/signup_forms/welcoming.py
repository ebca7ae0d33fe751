"""The welcome mail of a form, in the words of staff; without such words the common one greets."""

import re

from crm.base.deeds import Done
from crm.contacts import links
from crm.contacts.models import Contact
from crm.contacts.signup_forms.models import SignUpForm
from crm.delivery import letters

PARAGRAPH = re.compile(r"\n\s*\n")
MOST = 40  # Paragraphs that a form takes.


def has_own(form: SignUpForm | None, language: str) -> bool:
    """Tell whether the form has a welcome mail of its own for readers of that language."""
    return bool(form and paragraphs(form.text("welcome_text", language)[0]))


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, each on one line."""
    return [" ".join(part.split()) for part in PARAGRAPH.split(text.replace("\r\n", "\n")) if part.strip()]


def greet(form: SignUpForm, contact: Contact, done: Done) -> None:
    """Write the form's own mail, once for each form and person; nothing in it was typed by a visitor."""
    text, language = form.text("welcome_text", done.language)
    parts = paragraphs(text)
    if not parts:
        return
    subject = form.text("welcome_subject", language)[0] or form.title(language)
    merge = {f"paragraph_{number}": part for number, part in enumerate(parts)}
    merge |= {"heading": subject, "share_url": links.share(contact), "preferences_url": links.preferences(contact.id)}
    letters.send(
        "form_welcome",
        contact.email or "",
        locale=language,
        occasion=f"form:{form.id}:{contact.id}",
        merge=merge,
        contact_id=contact.id,
        shape={"paragraphs": len(parts)},
    )
