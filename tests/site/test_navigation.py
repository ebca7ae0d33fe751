"""What every page and every mail knows."""

from flask import render_template, render_template_string

from crm.base.guards import public
from crm.base.registries import MenuEntry, menu
from crm.extensions import db
from crm.organizations import coalition


def test_the_menu_shows_what_the_user_may_open(app, as_alice, as_bob):
    menu.add("trial", MenuEntry("Trial of rights", "site_public.privacy", "users.edit", 99))
    try:
        assert "Trial of rights" in as_alice.page("/staff/nowhere", status=404).text
        assert "Trial of rights" not in as_bob.page("/staff/nowhere", status=404).text
    finally:
        del menu._entries["trial"]


def test_what_lies_within_a_room_stands_in_the_menu_of_whoever_is_there(as_alice):
    inside = {"/staff/people/": "Segments", "/staff/segments/": "Import", "/staff/influencers/": "Asks"}
    for url, label in inside.items():
        assert f'class="menu-within">{label}</a>' in as_alice.page(url).text
        assert f">{label}</a>" not in as_alice.page("/staff/").text.partition("</nav>")[0]


def test_the_search_field_stands_on_every_staff_page(as_alice):
    assert 'action="/staff/people/"' in as_alice.page("/staff/nowhere", status=404).text


def test_mail_is_written_outside_of_a_request_and_names_the_coalition(app):
    found = coalition.current()
    found.logo, found.logo_type = b"<svg/>", "image/svg+xml"
    db.session.commit()
    assert "Bridgeway Coalition" in render_template("email/layout.html")
    assert render_template_string("{{ staff_menu is defined }}") == "False"


def test_colors_chosen_by_hand_come_with_the_page(client):
    client.set_cookie("theme", "dark")
    assert 'data-bs-theme="dark"' in client.page("/privacy").text
    client.set_cookie("theme", '"><script>')
    assert "data-bs-theme" not in client.page("/privacy").text


def test_a_layout_changes_no_variable_of_its_page(app, as_alice):
    content = "{% block content %}{{ entries }} {{ menu }} {{ person }} {{ places }}{% endblock %}"
    source = "{% extends 'layouts/staff.html' %}" + content
    values = {"entries": "these", "menu": "are", "person": "still", "places": "mine"}
    app.add_url_rule("/trial", "trial", public(lambda: render_template_string(source, **values)))
    assert "these are still mine" in as_alice.get("/trial").text
