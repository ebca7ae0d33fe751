"""The library in Spanish and Arabic: no page and no mail of it holds English that is not marked."""

import pytest

from crm.base import translations
from crm.base.deeds import Deed
from crm.config import ROOT
from crm.contacts import known
from crm.delivery import letters
from crm.extensions import db
from crm.resources import asking
from tests import factories
from tests.contacts.people import AMINA, path
from tests.resources.makers import ask_for, make_resource, read_all
from tests.unmarked import english_in, texts

OWN = {"title_es": "Talento parado", "title_ar": "مهارات معطلة", "summary_en": "", "title_en": "", "authors": ""}


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", ["es", "ar"])
def test_no_page_and_no_mail_of_the_library_holds_unmarked_english(app, client, language):
    one, free = make_resource(gate="address", **OWN), make_resource(**OWN, transcript_ar="نص", transcript_es="Texto")
    read_all()
    contact = factories.make_contact(AMINA)
    db.session.commit()
    link = path(known.link(contact.id, asking.KIND, one.id))
    given = path(known.after(contact.id, Deed(asking.KIND, one.id)))
    gone = make_resource(**OWN, state="withdrawn", published=False)
    addresses = {"/resources/": 200, "/resources/?q=xyz&type=report": 200, f"/resources/{one.slug}": 200, link: 200}
    addresses |= {given: 200, f"/resources/{free.slug}": 200, f"/resources/{one.slug}/sent": 200, "/": 200}
    addresses |= {f"/resources/{one.slug}/get/x": 410, f"/resources/{gone.slug}": 410}
    pages = {}
    for url, status in addresses.items():
        pages[url] = client.page(f"{url}{'&' if '?' in url else '?'}lang={language}", status=status).text
    pages["wrong"] = ask_for(client, one.slug, "nonsense", fax="x").text
    pages["mail"] = letters.render(asking.LETTER, language).html
    catalog = translations.read_catalog(ROOT / "translations", language)
    sources = [str(m.id) for m in catalog if m.id and m.id != m.string]
    for name, html in pages.items():
        assert [fault for text in texts(html) for fault in english_in(text, sources)] == [], name
