"""A click on a link to a page of ours brings a trail, by which what is done there is credited to the mailing."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from crm.base.acted import acted
from crm.contacts.models import Source
from crm.extensions import db
from crm.mailings.reading import trails
from tests import factories
from tests.contacts.people import AMINA, confirm_path, filled_in, person
from tests.mailings.reading.people import make_link, path

OWN = "http://crm.example"


def led(client, url: str) -> str:
    return client.get(path(make_link(url))).location


def trail(client, url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(led(client, url)).query).items()}


def test_a_sign_up_after_a_click_is_credited_to_the_mailing(client, app):
    link = make_link(f"{OWN}/signup?lang=es#form")
    address = client.get(path(link, language="es")).location
    assert address.startswith(f"{OWN}/signup?lang=es&via=mailing-") and address.endswith("#form")
    filled_in(client, url=address.removeprefix(OWN).partition("#")[0])
    mine = trails.sources([link.mailing_id])
    assert db.session.execute(acted["confirmed_sign_ups"].who(mine)).all() == []
    client.send(confirm_path())
    source = person(AMINA).source
    assert (source.kind, source.label) == ("mailing", "Mailing: Licensing moves")
    assert trails.place(source.utm_content) == trails.Place(1, "es", "")
    (row,) = db.session.execute(acted["confirmed_sign_ups"].who(mine))
    assert (row.id, row.at) == (person(AMINA).id, person(AMINA).confirmed_at)


@pytest.mark.parametrize(
    "url",
    ["https://x.example/?to=http://crm.example/", "http://crm.example.evil.example/", "http://crm.example@x.example/"],
)
def test_a_strangers_site_is_told_nothing(client, app, url):
    assert led(client, url) == url


def test_what_the_author_wrote_into_a_link_stays(client, app):
    factories.make_organization("Harbor College", is_member=True, via="harbor")
    db.session.commit()
    found = trail(client, f"{OWN}/signup?via=harbor&utm_medium=poster&utm_content=")
    assert (found["via"], found["utm_medium"], found["utm_source"]) == ("harbor", "poster", "mailing")
    query = "&".join(f"{name}={value}" for name, value in found.items())
    filled_in(client, url=f"/signup?{query}")
    (source,) = db.session.scalars(select(Source).where(Source.code == "harbor"))
    assert source.kind == "member"
    mailing = int(found["utm_campaign"].partition("-")[2])
    assert list(db.session.scalars(trails.sources([mailing]))) == [source.id]


@pytest.mark.parametrize("code", ["mailing-999999999", "mailing-0", "mailing-1x", "MAILING-1", "mailing-9999999999"])
def test_a_code_that_nobody_made_is_a_website_like_any_other(client, app, code):
    make_link(f"{OWN}/")
    filled_in(client, url=f"/signup?via={code}")
    assert db.session.scalar(select(Source.kind).where(Source.code == code)) == "website"
