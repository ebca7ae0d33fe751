"""The archive: released mailings for anybody, in all their languages, without what is personal in them."""

import re

import pytest

from crm.base import clock, wall_clock
from crm.contacts.models import Topic
from crm.extensions import db
from crm.mailings import composing, scheduling
from crm.mailings.archive import archiving
from crm.mailings.models import Mailing, MailingText
from crm.mailings.trials import sending as trials
from tests import factories
from tests.mailings.makers import make_mailing, make_people

BODY = """Dear {{ first_name | default: "friend" }},

read https://bridgeway.example/report or [our page](http://crm.example/privacy), and share {{ share_url }}.
"""


def release(deliver, spanish: bool = False, **values) -> Mailing:
    mailing = make_mailing(**{"body": BODY, **values})
    if spanish:
        mailing.texts.append(MailingText(language="es", subject="Las licencias", preheader="Qué pasó", body="Hola"))
        db.session.commit()
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    deliver()
    return mailing


@pytest.fixture
def people(app):
    return make_people(2)


@pytest.fixture
def mailing(people, sink, deliver):
    return release(deliver, spanish=True)


def slug(mailing) -> str:
    return f"licensing-moves-{mailing.id}"


def test_a_released_newsletter_is_listed_and_shown(client, mailing):
    assert "Licensing moves" in client.page("/archive/").text
    page = client.page(f"/archive/{slug(mailing)}")
    assert f'src="/archive/{slug(mailing)}/mail?lang=en"' in page.text.replace("&amp;", "&")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    frame = client.get(f"/archive/{slug(mailing)}/mail")
    assert "Dear friend," in frame.text and '<base target="_top">' in frame.text
    policy = frame.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "allow-scripts" not in policy and "frame-ancestors 'self'" in policy


def test_a_step_that_is_written_on_is_not_shown_to_everybody(client, mailing, as_alice):
    archiving.choose(mailing, True)
    mailing.state = "draft"  # As the steps of a sequence stay when their messages go out.
    db.session.commit()
    for path in ("", "/mail"):
        assert client.get(f"/archive/{slug(mailing)}{path}").status_code == 404


def test_a_draft_is_not_found_and_an_empty_archive_says_so(client, people):
    draft = make_mailing()
    assert "There are none yet." in client.page("/archive/").text
    client.page(f"/archive/{slug(draft)}", status=404)
    client.page("/archive/nonsense", status=404)


def test_it_comes_in_all_its_languages(client, mailing):
    spanish = client.page(f"/archive/{slug(mailing)}?lang=es").text
    assert "Las licencias" in spanish and 'property="og:locale" content="es_US"' in spanish
    assert "Hola" in client.get(f"/archive/{slug(mailing)}/mail?lang=es").text
    arabic = client.page(f"/archive/{slug(mailing)}?lang=ar").text
    assert 'lang="en" dir="ltr"><bdi>Licensing moves' in arabic
    assert "Las licencias" in client.page("/archive/?lang=es").text


def test_nothing_personal_stands_in_it_and_links_lead_where_they_say(client, mailing, people):
    frame = client.get(f"/archive/{slug(mailing)}/mail?lang=en").text
    assert "/unsubscribe/" not in frame and "/preferences/" not in frame and "/c/" not in frame and "{{" not in frame
    assert 'href="https://bridgeway.example/report"' in frame
    assert "Amina" not in frame and people[0].share_code not in frame
    credit = f"utm_source=archive&amp;utm_medium=web&amp;utm_campaign={slug(mailing)}"
    assert f'href="http://crm.example/privacy?{credit}"' in frame
    assert re.search(r'href="http://crm\.example/signup\?[^"]*utm_campaign=', frame)


def test_open_graph_and_a_canonical_address_tell_what_it_is(client, mailing):
    text = client.page(f"/archive/{slug(mailing)}?via=abc").text
    for name, content in (("og:title", "Licensing moves"), ("og:description", "What happened"), ("og:type", "article")):
        assert f'<meta property="{name}" content="{content}">' in text
    assert f'<link rel="canonical" href="http://crm.example/archive/{slug(mailing)}?lang=en">' in text
    assert f'hreflang="es" href="http://crm.example/archive/{slug(mailing)}?lang=es"' in text


def test_what_was_taken_off_is_gone(client, mailing, as_alice):
    as_alice.send(f"/staff/mailings/{mailing.id}/archive", {})
    assert "taken off the archive" in client.page(f"/archive/{slug(mailing)}", status=410).text
    for part in ("mail", "forward"):
        assert client.get(f"/archive/{slug(mailing)}/{part}").status_code == 410
    assert "Licensing moves" not in client.page("/archive/").text + client.get("/archive/feed.xml").text
    as_alice.send(f"/staff/mailings/{mailing.id}/archive", {"shown": "1"})
    client.page(f"/archive/{slug(mailing)}")


def test_the_mail_says_where_it_stands(mailing, people, sink):
    mail = sink[people[0].email]
    view = f"http://crm.example/archive/{slug(mailing)}?lang=en"
    assert f"View in browser: {view}\n" in mail.text.replace("\r\n", "\n")
    assert f"/archive/{slug(mailing)}/forward?lang=en&via={people[0].share_code}" in mail.text
    assert f"/forward?lang=en&amp;via={people[0].share_code}" in mail.html
    assert mail.message["List-Archive"] == "<http://crm.example/archive/>"


@pytest.mark.parametrize("values", [{"kind": "sharing_tools"}, {"slug": "board"}])
def test_other_kinds_and_internal_topics_stand_outside_by_a_link_that_nobody_can_guess(
    client, app, sink, deliver, values
):
    factories.make_topic("board", public=False)
    (person,) = make_people(1, slug=values.get("slug", "action-alerts"))
    mailing = release(deliver, **values)
    assert "Licensing moves" not in client.page("/archive/").text
    client.page(f"/archive/{slug(mailing)}", status=404)
    mail = sink[person.email]
    assert "List-Archive" not in mail.message and "/forward" not in mail.text
    path = re.search(r"http://crm\.example(/view/\S+)", mail.text)[1]
    page = client.page(path)
    assert "Licensing moves" in page.text and "og:title" not in page.text and "Pass it on" not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    frame = re.search(r'<iframe[^>]*src="([^"]+)"', page.text)[1]
    assert "Dear friend," in client.get(frame.replace("&amp;", "&")).text
    token = path.removeprefix("/view/").partition("?")[0]
    for other in (f"{token[:-2]}aa", "1", f"x{token}", token.partition(".")[0]):
        client.page(f"/view/{other}", status=404)


def test_a_signed_link_leads_to_the_public_page_once_there_is_one(client, app, sink, deliver, as_alice):
    (person,) = make_people(1)
    mailing = release(deliver, kind="sharing_tools")
    path = re.search(r"http://crm\.example(/view/\S+)", sink[person.email].text)[1]
    as_alice.send(f"/staff/mailings/{mailing.id}/archive", {"shown": "1"})
    assert client.get(path).location == f"/archive/{slug(mailing)}?lang=en"


def test_staff_choose_before_it_goes_and_see_what_holds(as_oscar, people):
    mailing = make_mailing()
    page = as_oscar.page(f"/staff/mailings/{mailing.id}/review").text
    assert re.search(r'id="archive-shown" checked', page)
    page = as_oscar.send(f"/staff/mailings/{mailing.id}/archive", {}).text
    assert "does not stand in the public archive" in page and not re.search(r'id="archive-shown" checked', page)
    assert archiving.place_of(db.session.get_one(Mailing, mailing.id)).shown is False


def test_a_copy_is_chosen_anew(people):
    mailing = make_mailing()
    archiving.choose(mailing, False)
    db.session.commit()
    assert archiving.place_of(composing.copy(mailing)).shown


def test_a_viewer_cannot_publish(as_bob, mailing):
    assert as_bob.post(f"/staff/mailings/{mailing.id}/archive", data={}).status_code == 403
    assert "archive-shown" not in as_bob.page(f"/staff/mailings/{mailing.id}").text


def test_what_is_typed_runs_nowhere(client, people, sink, deliver):
    mailing = release(deliver, subject="<script>alert(1)</script>", body="<b onclick=alert(1)>Hi</b>", markup="html")
    name = archiving.place_of(mailing).slug
    for path in (name, f"{name}/mail", f"{name}/forward", "feed.xml", ""):
        page = client.get(f"/archive/{path}").text
        assert "<script>alert" not in page and "onclick" not in page


def test_in_a_test_its_links_to_the_web_say_that_there_is_no_page_yet(client, people, sink, deliver):
    mailing = make_mailing()
    trials.send(mailing, ["alice@bridgeway.example"], people[0])
    db.session.commit()
    deliver()
    mail = sink["alice@bridgeway.example"]
    assert "/archive/" not in mail.text + mail.html
    assert mail.text.count("http://crm.example/test-link?to=page") == 2
    assert "once the mailing is released" in client.page("/test-link?to=page").text


def test_what_goes_to_an_internal_topic_too_is_not_public_by_itself(app, people):
    internal = factories.add(Topic(slug="board", names={"en": "Board"}, descriptions={}, position=9, public=False))
    db.session.commit()
    mailing = make_mailing(audience={"people": "topics", "topics": [internal.id]})
    assert not archiving.place_of(mailing).shown


@pytest.mark.parametrize("asked", ["slug=x", "endpoint=x", "_method=POST", "page=99999999999999999999", "lang=zz"])
def test_no_argument_of_an_address_breaks_the_list(client, people, sink, deliver, asked):
    release(deliver)
    assert client.get(f"/archive/?{asked}").status_code == 200
