"""Public pages of the site itself."""

import pytest
from sqlalchemy import text

from crm import create_app
from crm.base import clock
from crm.delivery.sender import installation_id, journal_folder
from crm.delivery.ticker import Guard
from crm.extensions import db
from crm.goals.models import Goal
from crm.organizations import coalition
from crm.organizations.models import Coalition
from crm.site import home
from tests import factories


def test_the_home_page_says_what_the_coalition_is_for_and_takes_sign_ups(client):
    page = client.page("/").text
    assert "<h1>We help immigrant professionals work in the jobs they trained for.</h1>" in page
    assert 'name="email"' in page
    assert "I agree to get e-mail. (en)" in page


def test_the_home_page_shows_the_public_goal_and_the_members(app, client):
    factories.make_organization("Harbor Workforce Center", is_member=True, website="https://harbor.example")
    factories.make_organization("Somebody Else")
    today = clock.today(coalition.current().zone)
    factories.add(
        Goal(metric="confirmed_sign_ups", title="Supporters", target=800, starts_on=today, deadline=today, public=True)
    )
    factories.make_contact(confirmed_at=clock.now())
    db.session.commit()
    page = client.page("/").text
    assert 'max="800" value="1"' in page
    assert "Harbor Workforce Center" in page
    assert "Somebody Else" not in page


def test_the_home_page_is_there_in_each_language_and_marks_what_is_not_translated(client):
    page = client.page("/?lang=ar").text
    assert '<html lang="ar" dir="rtl"' in page
    assert '<span lang="en" dir="ltr">We help immigrant professionals' in page


def test_the_home_page_shows_the_purpose_of_each_language_unmarked(client):
    found = coalition.current()
    found.purpose_es, found.purpose_ar = "Abrimos puertas. Y más.", "نفتح الأبواب."
    db.session.commit()
    page = client.page("/?lang=es").text
    assert "<h1>Abrimos puertas.</h1>" in page
    assert '<p class="standfirst">Y más.</p>' in page
    assert "We help immigrant professionals" not in page
    assert "<h1>نفتح الأبواب.</h1>" in client.page("/?lang=ar").text
    assert "<h1>We help immigrant professionals" in client.page("/?lang=en").text


def test_a_short_first_sentence_becomes_the_headline(app):
    def headline(purpose):
        return home.headline(Coalition(name="Name", purpose=purpose), "en")

    assert headline("We open doors. And more.") == ("We open doors.", "And more.")
    assert headline("long " * 60) == ("Name", ("long " * 60).strip())
    assert headline("") == ("Name", "")


def test_the_privacy_page_names_the_coalition_and_where_to_write(client):
    page = client.page("/privacy").text
    assert "Bridgeway Coalition" in page
    assert "news@bridgeway.example" in page
    assert "12 Harbor Street" in page


def test_the_privacy_page_also_stands_before_the_setup(bare_app):
    page = bare_app.test_client().page("/privacy").text
    assert "We never ask for your immigration status" in page


def test_pages_offer_the_other_languages_and_keep_what_the_link_brought(client):
    page = client.page("/privacy?via=abc").text
    assert 'href="?via=abc&amp;lang=es" lang="es"' in page


def test_the_logo_is_served_as_what_it_is(app, client):
    assert client.get("/logo").status_code == 404
    found = coalition.current()
    found.logo, found.logo_type = b"<svg/>", "image/svg+xml"
    db.session.commit()
    response = client.get("/logo")
    assert (response.mimetype, response.data) == ("image/svg+xml", b"<svg/>")
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert 'src="/logo"' in client.page("/privacy").text


def test_the_health_page_does_not_ask_the_database(bare_app):
    assert bare_app.test_client().get("/healthz").json == {"status": "ok"}


def test_an_installation_with_old_tables_is_not_ready(bare_app):
    client = bare_app.test_client()
    assert client.get("/readyz").status_code == 200
    with db.engine.begin() as connection:
        before = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        response = client.get("/readyz")
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": before})
    assert (response.status_code, response.json["status"]) == (503, "migrations")
    assert "crm db upgrade" in response.json["problems"]["migrations"]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_an_installation_whose_database_is_away_is_not_ready(settings):
    away = create_app({**settings, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere"})
    response = away.test_client().get("/readyz")
    assert (response.status_code, response.json["status"]) == (503, "database")


def test_whether_a_worker_ticks_is_told_and_changes_nothing_about_the_web_server(bare_app):
    def ready() -> float | None:
        response = bare_app.test_client().get("/readyz")
        assert response.status_code == 200
        return response.json["worker"]["seconds_since_tick"]

    assert ready() is None
    guard = Guard(db.engine, journal_folder(bare_app, installation_id(db.engine)))
    assert guard.holds()
    assert 0 <= ready() < 60
    guard.release()
    assert ready() is None
