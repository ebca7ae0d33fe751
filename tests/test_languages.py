"""Spanish and Arabic: the catalogs are whole, and no public page or mail holds English that is not marked."""

import re
from datetime import timedelta

import pytest
import time_machine
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask_babel import force_locale

from crm.base import clock, signing, translations
from crm.base.locales import LANGUAGES
from crm.config import ROOT
from crm.contacts import links
from crm.contacts.defence import suspicion
from crm.contacts.models import ConsentWording, SignUp, Topic
from crm.delivery import letters
from crm.events.links import join, own_path
from crm.extensions import db
from crm.mailings import rendering
from crm.organizations import coalition
from crm.organizations.models import Organization
from crm.organizations.offering.models import MemberService
from crm.organizations.offering.professions import spoken
from tests import factories
from tests.contacts.custom_fields.makers import make_field
from tests.contacts.people import AMINA, confirm_path, filled_in, hidden, path, person, posted
from tests.contacts.signup_forms.makers import confirmed, make_form, review, sent
from tests.events.people import make_event, register
from tests.mailings.makers import make_mailing
from tests.pages import check
from tests.site.pages.makers import make_page
from tests.unmarked import english_in, formats, texts, unwrapped

FOLDER = ROOT / "translations"
LETTERS = ["confirm", "confirm_reminder", "welcome", "already_subscribed"]
OF_EVENTS = ["registered", "waiting", "place", "left", "changed", "canceled", "reminder", "follow_up"]
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None}
on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
in_each = pytest.mark.parametrize("language", ["es", "ar"])


def test_the_template_holds_every_text_of_public_pages():
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = {str(row[2]) for row in extract_from_dir(ROOT, methods, options, keywords=KEYWORDS)}
    with (FOLDER / "messages.pot").open("rb") as file:
        kept = {str(message.id) for message in read_po(file) if message.id}
    assert found ^ kept == set(), "run `make translations`"


@in_each
def test_every_text_is_translated_with_its_placeholders(language):
    with (FOLDER / "messages.pot").open("rb") as file:
        wanted = {str(message.id) for message in read_po(file) if message.id}
    catalog = {str(m.id): m for m in translations.read_catalog(FOLDER, language) if m.id}
    assert wanted ^ catalog.keys() == set()
    for source, message in catalog.items():
        assert message.string and not message.fuzzy, source
        assert formats(message.string) == formats(source), source
        assert message.string[0].isspace() == source[0].isspace(), source
        assert (message.string[-1] in ":：") == (source[-1] == ":"), source


def test_arabic_is_set_with_arabic_signs():
    for message in translations.read_catalog(FOLDER, "ar"):
        if message.id:
            text = re.sub(r"%\(\w+\)[sd]|name@example.org|IP|PDF", "", message.string)
            assert not re.search(r"[A-Za-z,;?]", text), message.string


@on_sqlite
@in_each
def test_no_page_and_no_mail_holds_unmarked_english(app, client, language):
    sources = [str(m.id) for m in translations.read_catalog(FOLDER, language) if m.id and m.id != m.string]
    for name, html in {**pages(client, language), **mails(language)}.items():
        assert re.search(rf'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"', html), name
        faults = [fault for text in texts(html) for fault in english_in(text, sources)]
        assert faults == [], name


@on_sqlite
def test_mail_keeps_its_direction_where_readers_drop_the_outer_elements(app):
    for name in LETTERS:
        assert '<div class="frame" lang="ar" dir="rtl">' in letters.render(name, "ar").html


@on_sqlite
def test_no_page_and_no_mail_holds_text_that_cannot_be_translated(app, client, monkeypatch):
    read = translations.read_catalog

    def pseudo(folder, language):
        catalog = read(folder, language)
        for message in catalog:
            message.string = f"⟦{message.id}⟧" if message.id else message.string
        return catalog

    monkeypatch.setattr(translations, "read_catalog", pseudo)
    shown = {**pages(client, "es"), **mails("es")}
    data = {"Bridgeway Coalition", "12 Harbor Street, Boston, MA", "Harbor House", "Amina", "such-a-long-name"}
    data |= {topic.name("es") for topic in db.session.query(Topic)}
    data |= set(LANGUAGES.values()) | {name for _, name in spoken("es")}
    data |= {wording.text for wording in db.session.query(ConsentWording)}
    for name, html in shown.items():
        assert unwrapped("\n".join(texts(html)), data) == "", name


@on_sqlite
@in_each
def test_errors_of_the_form_library_are_translated_too(app, client, language):
    client.get(f"/?lang={language}")
    page = filled_in(client, url=f"/signup?lang={language}", language="xx").text
    assert not [text for text in texts(page) if "valid" in text.lower().split() or "choice" in text.lower()]


@on_sqlite
@in_each
def test_staff_pages_stay_english_whatever_the_visitor_reads(as_alice, client, language):
    header = {"Accept-Language": language}
    for browser, url in [(client, "/login"), (client, "/password"), (as_alice, "/staff/"), (as_alice, "/staff/goals/")]:
        browser.get(f"/?lang={language}")
        for address in (url, f"{url}?lang={language}"):
            assert '<html lang="en" dir="ltr"' in browser.page(address, headers=header).text


@on_sqlite
def test_numbers_are_written_as_in_the_united_states(app, client):
    factories.make_goal(target=1800)
    db.session.commit()
    for language in ("en", "es", "ar"):
        assert "1,800" in client.page(f"/?lang={language}").text


def pages(client, language: str) -> dict[str, str]:
    """Open every public page in that language; returns their HTML by name."""
    prepare()
    found = {"home": client.page(f"/?lang={language}").text}
    found |= of_signing_up(client, language)
    found |= of_links(client)
    found |= of_leaving(client)
    found |= of_events(client, language)
    found |= of_forms(client, language)
    for name, url, status in [("privacy", "/privacy", 200), ("404", "/nowhere", 404), ("405", "/privacy", 405)]:
        answer = client.post(url) if status == 405 else client.get(url)
        assert answer.status_code == status
        found[name] = answer.text
    found["test link"] = client.page("/test-link").text
    found |= of_the_site(client)
    for name, html in found.items():
        check(html, name)
    return found


def of_the_site(client) -> dict[str, str]:
    member = db.session.query(Organization).filter_by(is_member=True).first()
    member.via = "harbor"
    names = dict.fromkeys(LANGUAGES, "⟦Loans⟧")
    here = {"organization_id": member.id, "descriptions": names, "professions": [], "languages": ["es"]}
    factories.add(MemberService(names=names, states=["MA"], **here))
    factories.add(MemberService(names=names, states=[], **here))
    make_page("story", slug="gone", published_at=clock.now())
    db.session.commit()
    addresses = ["/about", "/members/", "/members/harbor", "/help", "/help?state=MA", "/help?state=TX&language=ru"]
    addresses += ["/help?state=RI&profession=law&language=fr", "/news/", "/stories/"]
    return {path: client.page(path).text for path in addresses} | {
        "gone": client.page("/stories/gone", status=410).text
    }


def prepare() -> None:
    factories.make_goal(target=800)
    db.session.commit()
    factories.make_organization("Harbor House", is_member=True, website="https://harbor.example")
    factories.make_topic("policy", en="Notes for the people who work on the rules of this state")
    for wording in db.session.query(ConsentWording).filter(ConsentWording.language != "en"):
        db.session.delete(wording)
    english = db.session.query(ConsentWording).one()
    english.text = "I agree that you may write to me on the topics that I choose."
    db.session.commit()


def of_signing_up(client, language: str) -> dict[str, str]:
    wrong = {"zip_code": "<<<", "first_name": "x" * 81, "topics": ["nonsense"], "fax": "x", "consent": ""}
    found = {
        "signup": client.page("/signup").text,
        "signup with errors": filled_in(client, "amina", **wrong).text,
        "signup without an address": filled_in(client, "").text,
        "signup for a topic that is gone": filled_in(client, topics=["nonsense"]).text,
        "signup of a slip": filled_in(client, "amina@gmial.com").text,
        "signup of a robot": quick(client).text,
        "signup with an old form": filled_in(client, stamp="forged").text,
    }
    answer = filled_in(client, network="198.51.100.7", language=language, topics=["action-alerts", "policy"])
    assert answer.status_code == 303
    found["look in your mailbox"] = client.page(answer.location).text
    for _ in range(10):
        suspicion.note_doubt("192.0.2.0/24")
        suspicion.note_arrival("198.51.0.0/24")
    db.session.commit()
    checked, full = (filled_in(client, network=network) for network in ("192.0.2.7", "198.51.0.7"))
    assert (checked.status_code, full.status_code) == (422, 429)
    return found | {"signup that is checked": checked.text, "429": full.text}


def quick(client):
    data = {"email": AMINA, "consent": "y", "language": "en", **hidden(client.get("/signup").text)}
    return posted(client, data, after=timedelta(0))


def of_links(client) -> dict[str, str]:
    url = confirm_path()
    found = {"confirm": client.page(url).text, "forged": client.page("/confirm/forged", status=404).text}
    with time_machine.travel(clock.now() + timedelta(days=8), tick=False):
        found["expired"] = client.page(url, status=410).text
    found["thanks"] = client.send(url).text
    found["confirmed before"] = client.page(url).text
    filled_in(client, "void@mail.example", network="198.51.100.9")
    void = db.session.query(SignUp).order_by(SignUp.id.desc()).first()
    void.state = "void"
    db.session.commit()
    found["gone"] = client.page(path(links.confirm(void.id, "")), status=410).text
    return found


def of_forms(client, language: str) -> dict[str, str]:
    kinds = ("number", "date", "zip", "choice", "text")
    fields = [make_field("Amina", kind, choices=["Amina", "Harbor House"]) for kind in kinds]
    member = db.session.query(Organization).filter_by(name="Harbor House").one()
    review(member, "I agree that you may write to me on the topics that I choose.")
    asks = [{"key": field.key, "required": field.kind == "text"} for field in fields]
    form = make_form("Amina", texts={"en": {"heading": "Amina"}}, questions=asks, members=[member.id])
    wrong = {f"custom_{field.key}": "<<<" for field in fields} | {f"custom_{fields[-1].key}": ""}
    right = {f"custom_{fields[-1].key}": "Amina", f"share_{member.id}": "y", "language": language}
    network, strange = {"network": "198.51.100.77"}, {"Origin": "https://x.example"}
    found = {
        "form": client.page("/signup/amina").text,
        "form with errors": sent(client, form, "amina", **wrong, **network).text,
        "form with other words": sent(client, form, **{**right, f"share_seen_{member.id}": "0"}, **network).text,
        "form begun elsewhere": client.send("/signup/amina", {"email": AMINA, "first_step": "1"}).text,
        "form of a stranger's site": client.send("/signup/amina", headers=strange, status=403).text,
        "form in a frame": client.page("/embed/amina").text,
        "sent in a frame": client.page("/embed/amina/sent").text,
        "sent": client.page("/signup/amina/sent").text,
        "thanks of the form": confirmed(client, form, "sharer@mail.example", **right, **network).text,
    }
    sharer = person("sharer@mail.example")
    found["preferences with a member"] = client.page(path(links.preferences(sharer.id))).text
    form.is_open = False
    db.session.commit()
    return found | {"closed form": client.page("/signup/amina").text}


def of_leaving(client) -> dict[str, str]:
    contact = person()
    url = path(links.preferences(contact.id))
    leave = "/unsubscribe/" + signing.sign("unsubscribe", f"{contact.id}:action-alerts")
    same = {"first_name": "Amina", "language": contact.language}
    found = {
        "preferences": client.page(url).text,
        "preferences with errors": client.send(url, {**same, "first_name": "x" * 81}, status=422).text,
        "unsubscribe": client.page(leave).text,
        "left a topic": client.send(leave, {"what": "topic"}).text,
        "saved, with a topic that was left": client.send(url, {**same, "topics": ["action-alerts", "policy"]}).text,
        "left all": client.send(leave, {"what": "all"}).text,
    }
    found["undone"] = client.send(f"{url}/undo", {"undo": hidden(found["left all"])["undo"]}).text
    client.send(url, {**same, "topics": ["research"]})
    found["undone too late"] = client.send(f"{url}/undo", {"undo": hidden(found["left a topic"])["undo"]}).text
    found["reason"] = client.send(f"{url}/reason", {"reason": "other"}).text
    return found


def of_events(client, language: str) -> dict[str, str]:
    """Open the pages of an event with one place, which somebody else has, and of who registers for it."""
    event = make_event(titles={language: "Harbor House"}, summaries={language: "Amina"}, capacity=1, days=0.02)
    first, second = register(event, language=language), register(event, language=language)
    paths = [own_path(first), own_path(second), *(path(join(one)) for one in (first, second))]
    urls = ["/events/", "/events/licenses", "/events/licenses?zone=UTC", "/events/licenses/sent", *paths]
    found = {f"event {url[:24]} {number}": client.page(url).text for number, url in enumerate(urls)}
    found["event joined"] = client.post(path(join(first))).text
    client.post(own_path(second))
    event.state = "canceled"
    for name, url in (("left", own_path(second)), ("off", "/events/licenses"), ("canceled", own_path(first))):
        found[f"event {name}"] = client.page(url).text
    return found


def mails(language: str) -> dict[str, str]:
    """Render every mail to supporters in that language; the text parts come as pages without marks."""
    found = {}
    frame = '<html lang="{0}" dir="{1}"><p>{2}</p>'
    for name in [*LETTERS, *(f"event_{name}" for name in OF_EVENTS)]:
        draft = letters.render(name, language, {"online": True, "recording": True, "attended": True})
        found[f"mail {name}"] = draft.html
        found[f"mail {name} as text"] = frame.format(language, direction(language), draft.subject + "\n" + draft.text)
    for name, shape in (("share_receipt", {"shares": 1}), ("form_welcome", {"paragraphs": 1})):
        draft = letters.render(name, language, shape)
        found[f"mail {name}"] = draft.html
        found[f"mail {name} as text"] = frame.format(language, direction(language), draft.subject + "\n" + draft.text)
    mailing = make_mailing(subject="⟦⟧", preheader="", body="⟦⟧", language=language)
    mail = rendering.render(mailing, coalition.current())
    with force_locale(language):
        found["mailing as text"] = frame.format(language, direction(language), mail.text)
    return found | {"mailing": mail.html}


def direction(language: str) -> str:
    return "rtl" if language == "ar" else "ltr"
