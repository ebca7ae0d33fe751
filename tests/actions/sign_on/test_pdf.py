"""The PDF of a letter of organizations: what it says, to whom it is sent, and what it takes."""

import io
from datetime import date, timedelta

import pypdfium2
import pypdfium2.raw as pdfium_c
import pytest
import time_machine
from PIL import Image

from crm.actions.models import Action
from crm.actions.sign_on import heads, sheets, typesetting
from crm.actions.sign_on.models import LetterDelivery, SignOn
from crm.base import clock
from crm.base.locales import Said
from crm.base.registries import erasures
from crm.contacts.keys import name_key_of
from crm.contacts.models import Contact
from crm.extensions import db
from crm.organizations import coalition
from tests import factories
from tests.actions.makers import send
from tests.contacts.people import confirm_path, hidden

PAGE = "/actions/open-the-door"
TEXT = """Dear Governor,

## What we ask

1. **One office**, [told here](https://example.org/told)
2. *Practice*, ~~not promises~~
   - in nursing

> Doors open inward.

| Year | Licenses |
|---|---|
| 2026 | 12 |

    as it is

```
```
"""


@pytest.fixture
def letter(app) -> Action:
    """A letter in English and Arabic that organizations sign."""
    texts = {
        "titles": {"en": "Open the door", "ar": "افتحوا الباب"},
        "bodies": {"en": TEXT, "ar": "سعادة الحاكمة، نرجو التوقيع."},
    }
    action = factories.add(Action(slug="open-the-door", kind="sign_on", state="published", options={}, **texts))
    action.addressees = {"en": "The Honorable Jane Doe\nGovernor of Ohio"}
    db.session.commit()
    return action


def stands(letter: Action, name: str, state="accepted", **values) -> SignOn:
    row = SignOn(action_id=letter.id, name=name, name_key=name_key_of(name), state=state, at=clock.now(), **values)
    factories.add(row)
    db.session.commit()
    return row


def read(content: bytes) -> tuple[str, pypdfium2.PdfDocument]:
    """Return the text of all pages on lines, and the document."""
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document).replace("\r", ""), document


def got(browser, path: str) -> str:
    answer = browser.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.text
    return read(answer.data)[0]


def png(size=(900, 300)) -> bytes:
    target = io.BytesIO()
    Image.effect_noise(size, 90).save(target, "PNG")
    return target.getvalue()


def test_the_letter_names_who_stands_under_it_in_order_and_nobody_else(letter, client):
    stands(letter, "North Aid", signer="Nora North", signer_title="Chair")
    stands(letter, "harbor College", signer="Amina Odeh", signer_title="Director")
    for state in ("waiting", "declined", "withdrawn"):
        stands(letter, f"Not {state}", state)
    answer = client.get(f"{PAGE}/letter-en.pdf")
    text, document = read(answer.data)
    said = ["The Honorable Jane Doe", "Open the door", "Dear Governor", "What we ask", "1. One office, told here"]
    said += ["2. Practice, not promises", "Doors open inward.", "as it is", "Signed by", "harbor College"]
    said += ["Amina Odeh, Director", "Nora North, Chair", "Page 1 of 1"]
    assert sorted(said, key=text.index) == said and "Not " not in text
    assert document.get_metadata_value("Title") == "Open the door"
    assert document.get_metadata_value("Author") == coalition.name()
    assert b"/Lang" in answer.data and b"/StructTreeRoot" in answer.data and b"pdfuaid:part" in answer.data
    assert answer.headers["Content-Disposition"] == "attachment; filename=open-the-door-en.pdf"


def test_an_arabic_letter_is_shaped_and_runs_from_right_to_left(letter, client):
    stands(letter, "جمعية الميناء", signer="أمينة عودة")
    text = got(client, f"{PAGE}/letter-ar.pdf")
    for said in ("افتحوا الباب", "سعادة الحاكمة، نرجو التوقيع.", "جمعية الميناء", "أمينة عودة"):
        assert said in text
    assert "Dear Governor" in got(client, f"{PAGE}/letter-es.pdf")  # What nobody wrote in Spanish.


def test_caches_ask_each_time_and_get_another_letter_once_somebody_withdraws(letter, client):
    row = stands(letter, "Harbor College")
    first = client.get(f"{PAGE}/letter-en.pdf")
    assert "no-cache" in first.headers["Cache-Control"] and "Set-Cookie" not in first.headers
    mark = {"If-None-Match": first.headers["ETag"]}
    assert client.get(f"{PAGE}/letter-en.pdf", headers=mark).status_code == 304
    row.state = "withdrawn"
    db.session.commit()
    again = client.get(f"{PAGE}/letter-en.pdf", headers=mark)
    assert again.status_code == 200 and "Harbor College" not in read(again.data)[0]


def test_a_draft_is_printed_for_the_staff_alone_with_signers_or_without(letter, client, as_oscar):
    stands(letter, "Harbor College")
    letter.state = "draft"
    db.session.commit()
    url = f"/staff/actions/{letter.id}/organizations/letter-en.pdf"
    assert client.get(f"{PAGE}/letter-en.pdf").status_code == 404 and client.get(url).status_code == 302
    assert "no-store" in as_oscar.get(url).headers["Cache-Control"]
    assert "Harbor College" in got(as_oscar, url) and "Harbor College" not in got(as_oscar, f"{url}?signers=none")
    assert url in as_oscar.page(f"/staff/actions/{letter.id}/organizations/").text


def test_what_was_handed_over_stays_as_it_was_but_for_who_is_forgotten(letter, as_oscar):
    person = factories.make_contact("amina@mail.example")
    letter.ask_id = factories.make_ask().id
    stands(letter, "Harbor College", signer="Amina Odeh", contact_id=person.id)
    url = f"/staff/actions/{letter.id}/organizations/"
    typed = {"delivered_on": clock.today().isoformat(), "way": "meeting", "language": "en"}
    as_oscar.send(f"{url}delivery", {**hidden(as_oscar.page(url).text), **typed})
    stands(letter, "North Aid")
    letter.bodies, letter.addressees = {"en": "Another text"}, {"en": "Nobody"}
    row = db.session.scalars(db.select(LetterDelivery)).one()
    path = f"{url}deliveries/{row.id}.pdf"
    assert path in row.interaction.summary and path in as_oscar.page(url).text
    text = got(as_oscar, path)
    assert "Dear Governor" in text and "Amina Odeh" in text and "Jane Doe" in text and "North Aid" not in text
    erasures["sign-ons"].forget(person.id)
    db.session.commit()
    text = got(as_oscar, path)
    assert "Harbor College" in text and "Odeh" not in text


def test_the_head_of_a_letter_stays_as_it_was_when_it_was_handed_over(letter, as_oscar):
    found = coalition.current()
    found.name, found.postal_address, found.logo = "Coalition of Old", "1 Old Street\nAkron", png((90, 30))
    letter.ask_id = factories.make_ask().id
    stands(letter, "Harbor College")
    url = f"/staff/actions/{letter.id}/organizations/"
    typed = {"delivered_on": clock.today().isoformat(), "way": "meeting", "language": "en"}
    as_oscar.send(f"{url}delivery", {**hidden(as_oscar.page(url).text), **typed})
    found = coalition.current()
    found.name, found.postal_address, found.logo = "Coalition of Late", "2 Late Street", None
    db.session.commit()
    row = db.session.scalars(db.select(LetterDelivery)).one()
    text, document = read(as_oscar.get(f"{url}deliveries/{row.id}.pdf").data)
    assert "Coalition of Old" in text and "1 Old Street" in text and "Late" not in text
    assert [one for page in document for one in page.get_objects([pdfium_c.FPDF_PAGEOBJ_IMAGE])], "its logo"
    assert "Coalition of Late" in got(as_oscar, f"{url}letter-en.pdf")
    row.coalition = ""  # As of a delivery before this was kept.
    db.session.commit()
    assert "Coalition of Late" in got(as_oscar, f"{url}deliveries/{row.id}.pdf")


def test_whom_a_letter_goes_to_is_told_in_the_language_of_its_text(letter, client, as_oscar):
    edit = f"/staff/actions/{letter.id}/edit"
    typed = {**hidden(as_oscar.page(edit).text), "title_en": "Open the door", "title_ar": "افتحوا الباب"}
    typed |= {"body_en": TEXT, "body_ar": "سعادة الحاكمة", "zone": "America/New_York"}
    as_oscar.send(edit, {**typed, "addressee_en": "Governor of Ohio", "addressee_ar": "حاكمة أوهايو"})
    assert "حاكمة أوهايو" in got(client, f"{PAGE}/letter-ar.pdf")
    assert "Governor of Ohio" in got(client, f"{PAGE}/letter-es.pdf")
    assert "حاكمة أوهايو" in client.page(f"{PAGE}/letter?lang=ar").text
    assert "Governor of Ohio" in client.page(f"{PAGE}/letter?lang=es").text
    letter.addressees = {"en": "Governor of Ohio"}
    db.session.commit()
    assert '<span lang="en" dir="ltr">Governor of Ohio</span>' in client.page(f"{PAGE}/letter?lang=ar").text
    assert "Ohio" in got(client, f"{PAGE}/letter-ar.pdf")


def test_who_asked_is_forgotten_once_they_sign_or_wish_so(letter, client, as_oscar):
    url = f"/staff/actions/{letter.id}/organizations/"
    row = stands(letter, "Harbor College", signer="Amina Odeh")

    def sign(email: str, minutes: int) -> None:
        who = {"organization_name": "Harbor College", "signer_title": "Director", "authorized": "y"}
        send(client, email, url=PAGE, after=timedelta(minutes=minutes), **who)
        client.send(confirm_path(email))

    sign("lena@mail.example", 1)
    sign("samir@mail.example", 1)
    assert as_oscar.page(url).text.count("Asked, too:") == 2
    row.state = "declined"
    db.session.commit()
    sign("samir@mail.example", 3)
    page = as_oscar.page(url).text
    assert page.count("Asked, too:") == 1 and "samir@mail.example" in page
    erasures["sign-ons"].forget(db.session.scalar(db.select(Contact.id).filter_by(email="lena@mail.example")))
    db.session.commit()
    assert "Asked, too:" not in as_oscar.page(url).text


def test_who_signs_for_an_organization_that_stands_there_is_kept_for_the_staff_once(letter, client, as_oscar):
    who = {"organization_name": "Harbor College", "signer_title": "Director", "authorized": "y"}
    for email, first in (("amina@mail.example", "Amina"), ("lena@mail.example", "Lena")):
        assert send(client, email, url=PAGE, first_name=first, **who).status_code == 303
        client.send(confirm_path(email))
    url = f"/staff/actions/{letter.id}/organizations/"
    page = as_oscar.page(url).text
    assert page.count("Asked, too:") == 1 and "Lena Odeh" in page
    assert "Lena Odeh" not in client.page(f"{PAGE}/letter").text


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_there_is_a_sign_for_each_letter_of_the_scripts_that_people_are_named_in(letter, client):
    names = ["新疆教育协会", "臺灣專業人士聯盟", "東京かながわ会", "한국 간호사 협회", "नमस्ते संघ", "Ελλάς Доктор"]
    names += ["የኢትዮጵያ ማህበር"]
    names += ["สมาคมไทย", "אגודה", "বাংলা", "தமிழ்", "ਪੰਜਾਬੀ", "Հայ", "ქართ", "ខ្មែរ", "မြန်မာ", "ગુજરાતી", "తెలుగు"]
    names += ["ລາວ", "اُردُو انجمن", "Nurses 😀 👩‍⚕️ 🇺🇸"]
    for name in names:
        stands(letter, name)
    answer = client.get(f"{PAGE}/letter-en.pdf")
    assert b"pdfuaid:part" in answer.data, "PDF/UA-1 forbids empty boxes (ISO 14289-1 §7.21.8)"
    text = read(answer.data)[0]
    assert [name for name in names[:4] if name not in text] == []


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_names_of_all_scripts_long_words_and_broken_logos_make_a_letter_all_the_same(letter, client):
    found = coalition.current()
    found.logo, found.logo_type = b"\x89PNG broken", "image/png"
    stands(letter, "新疆 नमस्ते 😀 #let x = 1", logo=png(), logo_digest="a" * 64)
    stands(letter, "x" * 200, logo=b"broken", logo_digest="b" * 64)
    nested = "".join(f"{'  ' * depth}- {'>' * depth} deep\n" for depth in range(6))
    letter.bodies = {
        "en": f'![x](http://192.0.2.1/a.png)\n\n#read("/etc/passwd") [a](javascript:x)\n\n{nested}{"w" * 900}'
    }
    db.session.commit()
    answer = client.get(f"{PAGE}/letter-en.pdf")
    text = read(answer.data)[0]
    assert b"192.0.2.1" not in answer.data and b"javascript" not in answer.data
    assert '#read("/etc/passwd")' in text and "#let x = 1" in text
    assert text.count("w") >= 900
    letter.bodies = {}
    db.session.commit()
    assert "Open the door" in got(client, f"{PAGE}/letter-en.pdf")


@pytest.mark.slow
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_letter_with_two_thousand_signers_has_them_all(app):
    signers = [sheets.Signer(f"Organization {number:04}", "Amina Odeh", "Director", "") for number in range(2000)]
    with app.test_request_context():
        head = heads.Head("Coalition", "", heads.STANDARD_COLOR, None)
        sheet = sheets.Sheet(head, "en", Said("Open", "en"), "Text", Said("", "en"), date(2026, 11, 29), signers)
        values = sheets.values(sheet)
    text, document = read(typesetting.pdf(values, None))
    named = [line for line in text.splitlines() if line.startswith("Organization")]
    assert len(document) > 40 and sum(line.count("Organization") for line in named) == 2000


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_letter_that_takes_too_long_is_not_tried_again_for_a_minute(letter, client, monkeypatch):
    monkeypatch.setattr(typesetting, "SECONDS", 0.001)
    letter.bodies = {"en": "Nobody has set this text before."}
    db.session.commit()
    path, begun = f"{PAGE}/letter-en.pdf", clock.now()
    with time_machine.travel(begun, tick=False):
        page = client.page(path, 503)
        assert page.headers["Retry-After"] == "60" and f"{PAGE}/letter" in page.text
    monkeypatch.setattr(typesetting, "SECONDS", 60)
    with time_machine.travel(begun + timedelta(seconds=40), tick=False):
        assert client.page(path, 503).headers["Retry-After"] == "20", "whoever comes next is answered at once"
    with time_machine.travel(begun + timedelta(seconds=61)):
        assert "Nobody has set" in got(client, path)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_staff_are_told_why_a_letter_cannot_be_set(letter, as_oscar, monkeypatch):
    monkeypatch.setattr(typesetting, "SECONDS", 0.001)
    letter.bodies = {"en": "Nobody has set this text either."}
    db.session.commit()
    answer = as_oscar.get(f"/staff/actions/{letter.id}/organizations/letter-en.pdf")
    assert answer.status_code == 302 and "it takes too long" in as_oscar.page(answer.location).text
