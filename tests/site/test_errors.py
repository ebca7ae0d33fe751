"""Error pages say what happened, carry a number, and lead back."""

import io

import pytest
from flask import abort
from werkzeug.exceptions import TooManyRequests

from crm.base.guards import public

FORM = "multipart/form-data; boundary=b"


def add_page(app, view):
    app.add_url_rule("/trial", "trial", public(view), methods=["GET", "POST"])


def test_a_missing_page_says_so_in_three_languages(client):
    for language, direction in [("en", "ltr"), ("es", "ltr"), ("ar", "rtl")]:
        response = client.page(f"/nowhere?lang={language}", status=404)
        assert f'<html lang="{language}" dir="{direction}"' in response.text
    assert "There is no such page" in client.page("/nowhere?lang=en", status=404).text


def test_the_number_on_the_page_is_the_one_in_the_header(client):
    response = client.page("/nowhere", status=404)
    assert f"404-{response.headers['X-Request-ID']}" in response.text


def test_a_given_request_id_is_kept_only_when_it_is_harmless(client):
    assert client.get("/healthz", headers={"X-Request-ID": "proxy-12345"}).headers["X-Request-ID"] == "proxy-12345"
    assert client.get("/healthz", headers={"X-Request-ID": "<b>evil</b>"}).headers["X-Request-ID"] != "<b>evil</b>"


@pytest.mark.parametrize("code", [400, 403, 404, 413, 429])
def test_errors_keep_their_code_and_show_a_page(app, client, code):
    def fail():
        abort(code)

    add_page(app, fail)
    assert client.page("/trial", status=code).text.count("<h1>") == 1


def test_a_failure_shows_a_page_without_its_cause(app, client, caplog):
    def fail():
        raise RuntimeError("the secret cause")

    add_page(app, fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    response = client.page("/trial", status=500)
    assert "Something broke on our side" in response.text
    assert "the secret cause" not in response.text
    assert response.headers["X-Request-ID"] in caplog.text


def test_retry_after_is_passed_on(app, client):
    def fail():
        raise TooManyRequests(retry_after=120)

    add_page(app, fail)
    assert client.get("/trial").headers["Retry-After"] == "120"


def test_programs_get_an_error_they_can_read(client):
    response = client.get("/nowhere", headers={"Accept": "application/json"})
    assert response.json["error"] == "There is no such page"


def test_a_forged_post_is_refused_with_advice(app, client):
    app.config["WTF_CSRF_ENABLED"] = True
    add_page(app, lambda: "never")
    assert "The page was open for too long" in client.send("/trial", status=400).text


def test_staff_see_errors_in_their_own_frame(as_alice):
    assert 'class="staff"' in as_alice.page("/staff/nowhere/", status=404).text


def test_what_is_much_too_large_is_read_to_the_end_so_that_a_browser_shows_the_answer(app, client):
    app.config["MAX_CONTENT_LENGTH"] = 1 << 20
    body = io.BytesIO(b"x" * (3 << 20))
    answer = client.post("/signup", input_stream=body, content_length=3 << 20, content_type=FORM)
    assert answer.status_code == 413 and "That was too large" in answer.text
    assert body.tell() == 3 << 20
