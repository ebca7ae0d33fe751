"""The menu as staff arrange it, and the color of the site."""

import pytest

from crm.extensions import db
from crm.mailings.designs.palettes import contrast
from crm.site.looks import coloring
from crm.site.pages import places
from crm.site.pages.models import SiteSetting
from tests import factories
from tests.contacts.people import hidden
from tests.site.pages.makers import at_once, make_page


def test_staff_say_what_stands_in_the_menu_and_in_which_order(app, as_alice, client):
    page = make_page(title="How it works", shown=True)
    own = f"page-{page.id}"
    as_alice.page("/staff/site/menu")
    values = {"version": "1", f"place.{own}": "menu", f"order.{own}": "1", "place.about": "foot", "order.about": "95"}
    as_alice.send("/staff/site/menu", values)
    text = client.page("/").text
    menu = text.partition('<nav class="site-nav"')[2].partition("</nav>")[0]
    assert "How it works" in menu and "/about" not in menu
    assert 'href="/about"' in text.partition("<footer")[2]
    late = {"version": "2", f"place.{own}": ""}
    as_alice.send("/staff/site/menu", late)
    assert as_alice.send("/staff/site/menu", late, status=409)
    assert "How it works" not in client.page("/").text


def test_two_who_change_the_settings_for_the_first_time_at_once_change_one_row_and_the_second_is_told(app, as_alice):
    opened = hidden(as_alice.page("/staff/site/colors").text)
    both = at_once(app, lambda: places.setting_to_change().id)
    assert both == [places.ONLY] * 2 and db.session.query(SiteSetting).count() == 1
    as_alice.send("/staff/site/colors", {**opened, "primary": "#7a1f4d"})
    assert "#7A1F4D" in as_alice.send("/staff/site/colors", {**opened, "primary": "#1D4ED8"}, status=409).text


def test_the_color_of_the_site_is_one_that_can_be_read(app, as_alice, client):
    assert "/colors/" not in client.page("/").text
    answer = as_alice.send("/staff/site/colors", {"primary": "#FFE000", "version": "1"})
    assert "can hardly be read" in answer.text
    as_alice.send("/staff/site/colors", {"primary": "#7a1f4d", "version": "1"})
    assert 'href="/colors/7a1f4d.css"' in client.page("/").text
    sheet = client.get("/colors/7a1f4d.css")
    assert "--primary:light-dark(#7A1F4D,#" in sheet.text and sheet.cache_control.immutable
    assert client.get("/colors/ffe000.css").status_code == 404
    assert client.get("/colors/nonsense.css").status_code == 404


@pytest.mark.parametrize("color", ["#0B5C6B", "#7A1F4D", "#000000", "#1D4ED8"])
def test_the_color_is_made_lighter_for_dark_screens(color):
    assert contrast(coloring.on_dark(color), coloring.DARK_PAPER) >= 4.5


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_entries_come_and_go_with_what_is_behind_them(app, client):
    assert "/members/" not in client.page("/").text.partition("</header>")[0]
    factories.make_organization("Harbor House", is_member=True, via="harbor")
    db.session.commit()
    assert 'href="/members/"' in client.page("/").text.partition("</header>")[0]
