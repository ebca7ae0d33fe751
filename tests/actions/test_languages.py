"""No public page and no mail of an action holds English that is not marked as such."""

from datetime import timedelta

import pytest

from crm.actions.models import Action
from crm.actions.share_kits.channels import CHANNELS
from crm.actions.share_kits.models import ShareText
from crm.base import clock, translations
from crm.delivery import letters
from crm.extensions import db
from tests import factories
from tests.actions.makers import PAGE, SIGNED, make_petition, send, sign
from tests.contacts.people import confirm_path, mails, path
from tests.test_languages import FOLDER, in_each, on_sqlite
from tests.unmarked import english_in, texts


def shown(client, language: str) -> dict[str, str]:
    """Open every page of a petition in that language; returns their HTML by name."""
    said = f"?lang={language}"
    action = make_petition(opens_at=clock.now() + timedelta(days=1), closes_at=clock.now() + timedelta(days=9))
    found = {"empty": client.page(f"/{said}").text, "coming": client.page(PAGE + said).text}
    action.opens_at = None
    db.session.commit()
    wrong = {"shown": "full", "first_name": "", "comment": "x" * 2000}
    found |= {
        "list": client.page("/actions/").text,
        "page": client.page(PAGE).text,
        "wrong": send(client, **wrong).text,
    }
    found["sent"] = client.page(send(client, language=language).location).text
    found["confirm"] = client.page(confirm_path()).text
    found["done"] = client.send(confirm_path()).text
    found["names"] = client.page(SIGNED).text
    sign(client, "samir@mail.example", shown="full", first_name="Samir", last_name="Haddad", language=language)
    found |= {"with names": client.page(PAGE).text, "some names": client.page(SIGNED).text}
    link = path(next(merge["withdraw_url"] for _, merge in mails() if "withdraw_url" in merge))
    found |= {"withdraw": client.page(link).text, "withdrawn": client.send(link).text}
    kit = factories.add(
        Action(slug="kit", kind="share_kit", state="published", titles={"en": "Tell three"}, options={})
    )
    db.session.commit()
    found["empty kit"] = client.page("/actions/kit").text
    db.session.add_all(ShareText(action_id=kit.id, channel=name, text="⟦⟧", language=language) for name in CHANNELS)
    db.session.commit()
    found["kit"] = client.page("/actions/kit").text
    action.closes_at = clock.now()
    db.session.commit()
    return found | {"closed": client.page(PAGE).text, "none open": client.page("/actions/").text}


@on_sqlite
@in_each
@pytest.mark.slow
def test_no_page_and_no_mail_of_a_petition_holds_unmarked_english(app, client, language):
    sources = [str(m.id) for m in translations.read_catalog(FOLDER, language) if m.id and m.id != m.string]
    found = shown(client, language) | {"mail": letters.render("signed", language).html}
    for name, html in found.items():
        assert f'<html lang="{language}"' in html, name
        assert [fault for text in texts(html) for fault in english_in(text, sources)] == [], name


@on_sqlite
@in_each
@pytest.mark.slow
def test_no_page_of_letters_and_forms_holds_unmarked_english(app, client, language):
    sources = [str(m.id) for m in translations.read_catalog(FOLDER, language) if m.id and m.id != m.string]
    said = f"?lang={language}"
    values = {"state": "published", "titles": {language: "⟦⟧"}, "options": {}}
    factories.add(Action(slug="letter", kind="sign_on", soft_closes_at=clock.now(), **values))
    factories.add(Action(slug="story", kind="form", **values)).asks_story = True
    db.session.commit()
    found = {"letter": client.page("/actions/letter" + said).text, "print": client.page("/actions/letter/letter").text}
    found |= {"letter wrong": send(client, url="/actions/letter", first_name="").text}
    found |= {"form": client.page("/actions/story").text, "form wrong": send(client, url="/actions/story").text}
    who = {"organization_name": "⟦⟧1", "signer_title": "⟦⟧", "authorized": "y", "language": language}
    assert send(client, url="/actions/letter", **who).status_code == 303
    found["done"] = client.send(confirm_path()).text
    for name in ("signed_for", "submitted"):
        found[name] = letters.render(name, language).html
    for name, html in found.items():
        assert [fault for text in texts(html) for fault in english_in(text, sources)] == [], name
