"""The languages of public pages and mail."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from flask_babel import get_locale
from markupsafe import Markup, escape

from crm.base import translations
from crm.extensions import babel

LANGUAGES = {"en": "English", "es": "Español", "ar": "العربية"}
IN_ENGLISH = {"en": "English", "es": "Spanish", "ar": "Arabic"}  # As staff, who may not read them, call them.
RIGHT_TO_LEFT = frozenset({"ar"})
# Numbers and dates as readers in the United States write them: 1,800, not 1.800 (CLDR es_US).
REGIONS = {"es": "es_US"}
COOKIE = "lang"
STAFF_PATHS = ("/staff", "/login", "/password", "/setup", "/dev")


def init_app(app: Flask) -> None:
    """Give templates the locale and its direction, and remember a language chosen with ?lang=."""
    domain = translations.ReviewedDomain(Path(app.config["BABEL_TRANSLATION_DIRECTORIES"]))
    babel.domain_instance = domain
    app.jinja_env.globals |= {
        "direction_of": direction,
        "lang_of": lang_of,
        "foreign_lang": foreign_lang,
        "comma": lambda: comma(language()),
        "in_english": IN_ENGLISH,
    }

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
        if (chosen := request.args.get("lang")) in LANGUAGES and not g.get("sets_no_cookie"):
            response.set_cookie(COOKIE, chosen, max_age=180 * 86400, samesite="Lax", httponly=True)
        return response


def region() -> str:
    """Return the locale of this request, with the country where that matters for numbers."""
    code = chosen()
    return REGIONS.get(code, code)


def chosen() -> str:
    """Return the visitor's language: ?lang=, or ?hl= which sets no cookie, the cookie, Accept-Language, or English."""
    if not has_request_context() or request.path.startswith(STAFF_PATHS):
        return "en"
    for wish in (g.get("locale"), request.args.get("lang"), request.args.get("hl"), request.cookies.get(COOKIE)):
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


def lang_of(code: str) -> Markup:
    """Return the attributes of an element whose text is in that language, with a space before them."""
    return Markup(' lang="{}" dir="{}"').format(code, direction(code))


def foreign_lang(code: str) -> Markup:
    """Return these attributes where the page is in another language, or nothing."""
    return Markup("") if code == language() else lang_of(code)


def marked(text: str, code: str) -> Markup:
    """Return a text for a page; one in another language than the page's carries its own lang and dir."""
    return escape(text) if code == language() else Markup("<span{}>{}</span>").format(lang_of(code), text)


def listed(texts: Iterable[str]) -> Markup:
    """Return the texts for a page, with commas between them."""
    return escape(comma(language())).join(texts)


def comma(code: str) -> str:
    """Return what stands between the parts of a list in that language."""
    return "، " if code in RIGHT_TO_LEFT else ", "
