"""The languages of public pages and mail."""

from flask import Flask, g, has_request_context, request
from flask_babel import get_locale

LANGUAGES = {"en": "English", "es": "Español", "ar": "العربية"}
RIGHT_TO_LEFT = frozenset({"ar"})
COOKIE = "lang"


def init_app(app: Flask) -> None:
    """Give templates the locale and its direction, and remember a language chosen with ?lang=."""
    app.context_processor(lambda: {"locale": language(), "direction": direction(language()), "languages": LANGUAGES})

    @app.after_request
    def remember(response):  # type: ignore[no-untyped-def]
        if (chosen := request.args.get("lang")) in LANGUAGES:
            response.set_cookie(COOKIE, chosen, max_age=180 * 86400, samesite="Lax", httponly=True)
        return response


def chosen() -> str:
    """Return the visitor's language: ?lang=, then the cookie, then Accept-Language, then English."""
    if not has_request_context() or request.path.startswith("/staff"):
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
