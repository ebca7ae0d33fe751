"""What people see when something goes wrong: what happened, what to do, a number to name, and a way back."""

import logging
import re
import secrets
from typing import NamedTuple

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import LazyString, lazy_gettext
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as AnyResponse

from crm.base.requests import read_to_the_end
from crm.extensions import db

log = logging.getLogger(__name__)
NUMBER = "X-Request-ID"
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Words(NamedTuple):
    """What an error page says."""

    title: LazyString
    text: LazyString


WORDS = {
    400: Words(
        lazy_gettext("We could not read that"),
        lazy_gettext("Something was missing in what your browser sent. Go back, load the page again and try again."),
    ),
    403: Words(
        lazy_gettext("You may not open this page"),
        lazy_gettext("Your account does not include it. Ask the person who gave you the account if you need it."),
    ),
    404: Words(
        lazy_gettext("There is no such page"),
        lazy_gettext("The address may be mistyped, or the page may have been taken down."),
    ),
    405: Words(
        lazy_gettext("This page cannot be opened this way"),
        lazy_gettext("Go back to the page that you came from and use its button."),
    ),
    413: Words(
        lazy_gettext("That was too large"),
        lazy_gettext("Send a smaller file, or split it into several."),
    ),
    429: Words(
        lazy_gettext("That was a little too often"),
        lazy_gettext("Wait a few minutes and try again. Nothing of what you did before is lost."),
    ),
    500: Words(
        lazy_gettext("Something broke on our side"),
        lazy_gettext("It has been written down, and nothing was half done. Try again in a few minutes."),
    ),
}
TOO_OLD = Words(
    lazy_gettext("The page was open for too long"),
    lazy_gettext("Go back, load the page again and send it once more. Your browser may have kept what you typed."),
)


def init_app(app: Flask) -> None:
    """Number every request, and answer every error with a page."""
    app.before_request(_number_the_request)
    app.after_request(_tell_the_number)
    app.register_error_handler(HTTPException, show)
    app.register_error_handler(InternalServerError, show_failure)


def number(given: str) -> str:
    """Return the number of a request: the one that it brought along where that is one, or else a new one."""
    return given if GIVEN_ID.fullmatch(given) else secrets.token_hex(6)


def show(error: HTTPException) -> AnyResponse:
    """Answer an HTTP error; redirects and answers that an abort() brought along pass unchanged."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response()
    if code == 413:
        read_to_the_end()
    words = TOO_OLD if isinstance(error, CSRFError) else WORDS.get(code, WORDS[500 if code >= 500 else 400])
    response = _answer(words, code)
    response.headers.extend(
        (name, value) for name, value in error.get_headers() if name.lower() in {"allow", "retry-after"}
    )
    return response


def show_failure(error: InternalServerError) -> AnyResponse:
    """Answer a failure of the program; the page must come even where the database is what failed."""
    log.error("request %s failed: %s %s", g.get("request_id"), request.method, request.path)
    try:
        db.session.rollback()
        return _answer(WORDS[500], 500)
    except Exception:
        log.exception("request %s: the error page failed too", g.get("request_id"))
        words = f"{WORDS[500].title}. {WORDS[500].text} ({g.get('request_id')})\n"
        return Response(words, 500, mimetype="text/plain")


def _answer(words: Words, code: int) -> Response:
    number = g.get("request_id", "")
    if request.accept_mimetypes.best == "application/json":
        return make_response({"error": str(words.title), "request_id": number}, code)
    staff = request.path.startswith("/staff") and current_user.is_authenticated
    layout = "layouts/staff.html" if staff else "layouts/public.html"
    page = render_template("errors/error.html", layout=layout, words=words, code=code, request_id=number)
    return make_response(page, code)


def _number_the_request() -> None:
    g.request_id = number(request.headers.get(NUMBER, ""))


def _tell_the_number(response: Response) -> Response:
    response.headers[NUMBER] = g.get("request_id", "")
    return response
