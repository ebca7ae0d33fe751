"""The languages of public pages and mail."""

from pathlib import Path
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from flask_babel import get_locale

from crm.base import translations
from crm.extensions import babel

LANGUAGES = {"en": "English", "es": "Español", "ar": "العربية"}
RIGHT_TO_LEFT = frozenset({"ar"})
COOKIE = "lang"
STAFF_PATHS = ("/staff", "/login", "/password", "/setup", "/dev")


def init_app(app: Flask) -> None:
    """Give templates the locale and its direction, and remember a language chosen with ?lang=."""
    domain = translations.ReviewedDomain(Path(app.config["BABEL_TRANSLATION_DIRECTORIES"]))
    babel.domain_instance = domain

    @app.context_processor
    def values() -> dict[str, Any]:
        code = language()
        return {
            "locale": code,
            "direction": direction(code),
            "languages": LANGUAGES,
            "draft_translation": translations.is_draft(domain, code),
        }

    @app.after_request
    def remember(response: Response) -> Response:
        if (chosen := request.args.get("lang")) in LANGUAGES:
            response.set_cookie(COOKIE, chosen, max_age=180 * 86400, samesite="Lax", httponly=True)
        return response


def chosen() -> str:
    """Return the visitor's language: ?lang=, then the cookie, then Accept-Language, then English."""
    if not has_request_context() or request.path.startswith(STAFF_PATHS):
        return "en"
    for wish in (g.get("locale"), request.args.get("lang"), request.cookies.get(COOKIE)):
        if wish in LANGUAGES:
            return str(wish)
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def language() -> str:
    """Return the code of the language that is being written now."""
    locale = get_locale()
    return locale.language if locale else "en"


def direction(code: str) -> str:
    """Return `rtl` or `ltr`."""
    return "rtl" if code in RIGHT_TO_LEFT else "ltr"
