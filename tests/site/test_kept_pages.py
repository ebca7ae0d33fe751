"""The home page is kept for some seconds for strangers; a form in it stays everybody's own."""

import gzip
from datetime import timedelta
from types import SimpleNamespace

import pytest

from crm.base import clock, locales, translations
from crm.contacts import spam
from crm.extensions import db
from crm.goals.models import Goal
from crm.organizations import coalition
from crm.site.kept_pages import KeptPages
from tests import factories
from tests.contacts.people import hidden

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


class Seconds:
    """A clock that a test turns."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds(app, monkeypatch):
    clock = Seconds()
    monkeypatch.setattr(app, "wsgi_app", KeptPages(app, 8, clock))
    return clock


def rename(name: str) -> None:
    coalition.current().name = name
    db.session.commit()


def test_a_stranger_gets_a_page_of_some_seconds_ago_and_never_an_older_one(app, client, seconds):
    assert "Bridgeway Coalition" in client.get("/").text
    rename("Harbor Alliance")
    seconds.now += 3.9
    assert "Bridgeway Coalition" in client.page("/").text
    seconds.now += 0.2
    assert "Harbor Alliance" in client.page("/").text
    rename("Third Name")
    seconds.now += 8
    assert "Third Name" in client.page("/").text


def test_a_reviewed_text_is_there_for_strangers_within_ten_seconds(app, client, seconds, monkeypatch):
    monkeypatch.setattr(translations, "time", SimpleNamespace(monotonic=seconds))
    spanish = {"Accept-Language": "es"}
    assert "Únase hoy" not in client.get("/", headers=spanish).text
    translations.review("es", "Sign up", "Únase hoy", "Lucía")
    db.session.commit()
    for _ in range(10):
        seconds.now += 1
        page = client.get("/", headers=spanish).text
    assert "Únase hoy" in page


def test_staff_see_at_once_what_they_changed(client_of, alice, client, seconds):
    client.get("/")
    rename("Harbor Alliance")
    assert "Harbor Alliance" in client_of(alice).get("/").text


def test_a_link_that_is_to_be_credited_and_a_chosen_language_are_not_answered_from_what_is_kept(client, seconds):
    client.get("/")
    assert hidden(client.get("/?via=harbor").text)["via"] == "harbor"
    assert "via" not in hidden(client.get("/").text)
    assert '<html lang="es"' in client.get("/?lang=es").text
    assert '<html lang="es"' in client.get("/").text
    client.delete_cookie(locales.COOKIE)
    assert '<html lang="en"' in client.get("/").text
    assert '<html lang="ar"' in client.get("/", headers={"Accept-Language": "ar-SY,ar;q=0.9"}).text


def test_each_visitor_gets_a_form_of_their_own_that_is_as_new_as_the_page_looks(app, client, seconds):
    stamps = [spam.read(hidden(client.get("/").text)["stamp"]) for _ in range(3)]
    assert len({stamp.form_id for stamp in stamps}) == 3
    assert len({stamp.wording_id for stamp in stamps}) == 1
    assert all(stamp.too_quick for stamp in stamps)


def test_what_is_kept_goes_out_compressed_to_who_takes_that_and_nothing_else_does(client, seconds):
    packed = [client.get("/", headers={"Accept-Encoding": "gzip"}) for _ in range(2)]
    pages = [gzip.decompress(answer.data).decode() for answer in packed]
    assert all("Accept-Encoding" in answer.headers.getlist("Vary") for answer in [*packed, client.get("/")])
    assert len({spam.read(hidden(page)["stamp"]).form_id for page in pages}) == 2
    assert len(packed[1].data) == int(packed[1].headers["Content-Length"]) < len(pages[1]) / 2
    assert "Content-Encoding" not in client.get("/signup", headers={"Accept-Encoding": "gzip"}).headers
    assert "Content-Encoding" not in client.get("/?via=harbor", headers={"Accept-Encoding": "gzip"}).headers


def test_each_answer_carries_a_number_of_its_own(client, seconds):
    numbers = [client.get("/").headers.getlist("X-Request-ID") for _ in range(3)]
    assert all(len(one) == 1 for one in numbers) and len({one[0] for one in numbers}) == 3
    assert client.get("/", headers={"X-Request-ID": "from-the-proxy"}).headers["X-Request-ID"] == "from-the-proxy"


def test_the_page_of_the_goal_is_kept_too_and_tells_of_itself(app, client, seconds):
    today = clock.now().date()
    goal = Goal(title="800", metric="confirmed_sign_ups", target=800, public=True, starts_on=today)
    goal.deadline = today + timedelta(weeks=8)
    db.session.add(goal)
    db.session.commit()
    assert "Bridgeway Coalition" in client.page("/goal").text
    rename("Harbor Alliance")
    text = client.page("/goal").text
    assert "Bridgeway Coalition" in text and hidden(text)["place"] == "/goal"


def test_what_is_no_page_is_not_kept(bare_app, monkeypatch):
    monkeypatch.setattr(bare_app, "wsgi_app", KeptPages(bare_app, 8, Seconds()))
    client = bare_app.test_client()
    assert client.get("/").status_code == 302
    factories.make_coalition()
    db.session.commit()
    assert client.get("/").status_code == 200
