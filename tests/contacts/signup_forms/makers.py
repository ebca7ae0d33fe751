"""Sign-up forms for tests, and a visitor who fills one in."""

from datetime import timedelta
from typing import Any

import time_machine

from crm.base import clock
from crm.contacts import wordings
from crm.contacts.member_consent import words
from crm.contacts.signup_forms import keeping
from crm.contacts.signup_forms.models import SignUpForm
from crm.organizations.models import Organization
from tests import factories
from tests.contacts.people import AMINA, confirm_path, hidden


def make_form(name: str = "Conference stand", **values: Any) -> SignUpForm:
    given: dict[str, Any] = {"name": name, "texts": {"en": {"heading": "Meet us"}}, "questions": [], "topics": []}
    given |= {"members": [], "origins": [], "source": "", "is_open": True, **values}
    return keeping.save(SignUpForm(), given)


def make_member(name: str = "Harbor College") -> Organization:
    """A member whose English words are reviewed."""
    member = factories.make_organization(name, is_member=True)
    review(member, f"{name} may have my address.")
    return member


def review(member: Organization, text: str, language: str = "en") -> None:
    wording = wordings.draft(language, text, words.purpose_of(member.id))
    wordings.review(wording, "Alice Admin")
    wordings.go_live(wording)


def sent(
    client,
    form: SignUpForm,
    email: str = AMINA,
    *,
    network="203.0.113.7",
    headers=None,
    at="/signup",
    query="",
    **values: Any,
):
    """Open the form, wait like a person, send it; returns the answer."""
    page = client.get(f"{at}/{form.slug}{query}")
    data = {**hidden(page.text), "email": email, "consent": "y", "language": "en", **values}
    with time_machine.travel(clock.now() + timedelta(seconds=5), tick=False):
        return client.post(f"{at}/{form.slug}", data=data, headers=headers, environ_overrides={"REMOTE_ADDR": network})


def confirmed(client, form: SignUpForm, email: str = AMINA, **values: Any):
    """Send the form, and press the button behind the link in the mail; returns the page that thanks."""
    assert sent(client, form, email, **values).status_code == 303
    return client.send(confirm_path(email))
