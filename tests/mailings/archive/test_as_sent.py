"""The page of a released mailing shows it as it was sent, whatever becomes of what it shows."""

import pytest
from sqlalchemy import delete, update

from crm.base.block_kinds import made
from crm.contacts.models import Contact
from crm.events import holding
from crm.extensions import db
from crm.mailings.archive import addresses, as_sent
from crm.mailings.archive.models import MailingAsSent
from crm.mailings.comparing.models import MailingComparison
from crm.mailings.designs import presets
from crm.mailings.designs.models import MailingDesign
from crm.mailings.models import Mailing, MailingText
from crm.mailings.rendering import Rendered
from crm.organizations.models import Coalition
from tests.events.people import make_event
from tests.mailings.archive.test_pages import release, slug
from tests.mailings.designs.test_designs import make_design
from tests.mailings.makers import make_mailing, make_people
from tests.questions import asked

GREETING = (
    '<p>Dear {{ first_name | default: "friend" }}, <a href="http://crm.example/privacy?a=1&amp;b=2">read</a>.</p>'
)


@pytest.fixture
def event(app):
    make_people(1, first_name="Amina")
    make_design(default=True, header={"en": "Since 2001"})
    return make_event()


def released(deliver, event) -> Mailing:
    blocks = [made("text", html=GREETING), made("event", event=str(event.id))]
    return release(deliver, markup="blocks", blocks=blocks, body="")


def change(event) -> None:
    """Let everything that the mailing shows become something else."""
    event.titles = {"en": "Quite another evening"}
    holding.cancel(event)
    db.session.execute(
        update(MailingDesign).values(header={"en": "Since 1999"}, colors=presets.PRESETS["call_to_action"].colors)
    )
    db.session.execute(update(Coalition).values(name="New name"))
    db.session.commit()


def test_records_design_and_name_stand_as_they_were_sent(client, event, sink, deliver):
    mailing = released(deliver, event)
    page, frame = f"/archive/{slug(mailing)}", f"/archive/{slug(mailing)}/mail"
    before = client.get(frame).text
    assert "Licenses, step by step" in before and "Since 2001" in before
    change(event)
    assert client.get(frame).text == before
    assert "Licenses, step by step" in client.get("/archive/feed.xml").text
    assert "“Quite another evening” was canceled after this was sent." in client.page(page).text
    assert '<span lang="en" dir="ltr">Quite another evening</span>' in client.page(f"{page}?lang=es").text


def test_staff_see_it_as_it_was_sent_too_filled_in_for_anybody(as_alice, event, sink, deliver):
    mailing = released(deliver, event)
    reader = db.session.query(Contact).one()
    there = f"/staff/mailings/{mailing.id}/preview?text=en&as_contact={reader.email}"
    before = as_alice.get(there).text
    assert "Licenses, step by step" in before and "Since 2001" in before and "Dear Amina" in before
    change(event)
    assert as_alice.get(there).text == before
    assert "Licenses, step by step" in as_alice.get(f"{there}&view=text").text
    page = as_alice.page(f"/staff/mailings/{mailing.id}").text
    assert "As it was sent" in page and "was canceled after this was sent." in page
    db.session.execute(delete(MailingAsSent))
    db.session.commit()
    assert "Since 1999" in as_alice.get(there).text
    page = as_alice.page(f"/staff/mailings/{mailing.id}").text
    assert "this is how it reads now" in page and "was canceled after" not in page


def test_a_draft_is_shown_as_it_reads_now(as_alice, event):
    draft = make_mailing(markup="blocks", blocks=[made("event", event=str(event.id))], body="")
    change(event)
    assert "Since 1999" in as_alice.get(f"/staff/mailings/{draft.id}/preview").text
    page = as_alice.page(f"/staff/mailings/{draft.id}/review").text
    assert "As it was sent" not in page and "reads now" not in page and "was canceled after" not in page


def test_what_is_kept_is_read_once_for_the_page_by_its_frame(client, event, sink, deliver):
    mailing = released(deliver, event)
    change(event)
    for page, times in ((f"/archive/{slug(mailing)}", 0), (f"/archive/{slug(mailing)}/mail", 1)):
        with asked() as statements:
            client.get(page)
        assert sum("mailing_as_sent.html" in one for one in statements) == times


def test_it_is_as_public_as_before(client, event, sink, deliver):
    mailing = released(deliver, event)
    frame = client.get(f"/archive/{slug(mailing)}/mail?via=abc").text
    assert "Dear friend" in frame and "Amina" not in frame and "{{" not in frame
    assert 'href="http://crm.example/privacy?a=1&amp;b=2&amp;utm_source=archive' in frame and "via=abc" in frame
    assert "/unsubscribe/" not in frame and "/c/" not in frame
    kept = db.session.query(MailingAsSent).one()
    assert (kept.language, kept.variant) == ("en", "")
    assert "Amina" not in kept.html + kept.text and "utm_source" not in kept.html


def test_what_was_released_before_is_shown_as_it_reads_now(client, event, sink, deliver):
    mailing = released(deliver, event)
    db.session.execute(delete(MailingAsSent))
    change(event)
    frame = client.get(f"/archive/{slug(mailing)}/mail").text
    assert "Licenses, step by step" not in frame and "Since 1999" in frame
    assert "was canceled" not in client.page(f"/archive/{slug(mailing)}").text


def test_a_mailing_outside_of_the_archive_is_kept_too(client, event, sink, deliver):
    blocks = [made("event", event=str(event.id))]
    mailing = release(deliver, kind="sharing_tools", markup="blocks", blocks=blocks, body="")
    change(event)
    view = addresses.in_mail(mailing).view.removeprefix("http://crm.example").replace("?", "/mail?")
    assert "Licenses, step by step" in client.get(view).text


def test_each_language_of_both_versions_is_kept_and_leads_to_the_one_page(event):
    other, mailing = make_mailing(subject="Version B"), make_mailing()
    other.texts.append(MailingText(language="es", subject="Versión B", body="Con otras palabras"))
    db.session.add(MailingComparison(mailing_id=mailing.id, other_id=other.id, share=100))
    db.session.commit()
    assert set(as_sent.rendered(mailing)) == {("en", ""), ("en", "b"), ("es", "b")}
    assert addresses.in_mail(other.texts[0]).view == f"http://crm.example/archive/{slug(mailing)}?lang=es"


def test_an_address_in_the_text_is_led_on_only_where_it_ends():
    ours, longer = "http://crm.example/a", "http://crm.example/a/b"
    abroad = "http://crm.example/a.example.org/x"
    mail = Rendered("", f'<a href="{ours}">x</a><a href="{longer}">x</a>', f"({ours}), {longer}. {abroad} {ours}")
    led = as_sent.leading(mail, lambda address: f"{address}?via=x")
    assert led.text == f"({ours}?via=x), {longer}?via=x. {abroad} {ours}?via=x"
