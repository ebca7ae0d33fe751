"""Public pages of the site itself."""

from sqlalchemy import text

from crm.extensions import db
from crm.organizations import coalition


def test_the_privacy_page_names_the_coalition_and_where_to_write(client):
    page = client.page("/privacy").text
    assert "Bridgeway Coalition" in page
    assert "news@bridgeway.example" in page
    assert "12 Harbor Street" in page


def test_the_privacy_page_also_stands_before_the_setup(bare_app):
    bare_app.test_client().page("/privacy")


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
    assert response.status_code == 503
    assert "crm db upgrade" in response.json["problems"]["migrations"]
