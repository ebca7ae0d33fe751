"""Every route declares who may open it; strangers and viewers get no further than they should."""

import re
from collections import Counter

import pytest
from flask import url_for
from werkzeug.routing import IntegerConverter

from crm import routes

STAFF_NAMES = {blueprint.name for blueprint in routes.STAFF}
NO_PERMISSION = {"static"}
CONVERTED = re.compile(r"<[^>]*>")


def rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in NO_PERMISSION]


def address(app, rule):
    values = dict.fromkeys(rule.arguments, "1")
    with app.test_request_context():
        return url_for(rule.endpoint, **values)


def test_every_route_declares_its_permission(app):
    for rule in rules(app):
        view = app.view_functions[rule.endpoint]
        assert hasattr(view, "permission"), f"{rule.endpoint} declares no permission"
        staff = rule.endpoint.split(".")[0] in STAFF_NAMES
        assert (view.permission != "public") == staff, f"{rule.endpoint}: {view.permission}"


def test_every_staff_route_refuses_a_stranger(app, client):
    for rule in rules(app):
        if rule.endpoint.split(".")[0] in STAFF_NAMES:
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                response = client.open(address(app, rule), method=method)
                assert response.status_code in {302, 401, 403}, f"{method} {rule} answered {response.status}"
                if response.status_code == 302:
                    assert "/login" in response.location, f"{rule} leads a stranger to {response.location}"


@pytest.mark.parametrize("role", ["viewer", "organizer"])
def test_every_staff_route_refuses_a_role_that_lacks_its_permission(app, client_of, bob, oscar, role):
    user = bob if role == "viewer" else oscar
    browser = client_of(user)
    for rule in rules(app):
        view = app.view_functions[rule.endpoint]
        if view.permission != "public" and not user.may(view.permission):
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                response = browser.open(address(app, rule), method=method)
                assert response.status_code == 403, f"{role}: {method} {rule} answered {response.status}"


def test_an_id_that_fits_into_no_column_is_not_found(app, as_alice, client):
    huge = "9" * 20
    for rule in rules(app):
        if any(isinstance(rule._converters[name], IntegerConverter) for name in rule.arguments):
            with app.test_request_context():
                url = url_for(rule.endpoint, **dict.fromkeys(rule.arguments, huge))
            method = "GET" if "GET" in rule.methods else "POST"
            for browser in (as_alice, client):
                assert browser.open(url, method=method).status_code == 404, f"{method} {rule}"


def test_no_two_views_answer_the_same_address(app):
    answered = Counter(
        (CONVERTED.sub("<>", rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    )
    assert [place for place, views in answered.items() if views > 1] == []
