"""The languages of public pages and mail."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask, Response, g, has_request_context, request
from flask_babel import get_locale
from markupsafe import Markup, escape
from werkzeug.datastructures import LanguageAccept

from crm.base import rich_text, translations
from crm.extensions import babel

LANGUAGES = {"en": "English", "es": "Español", "ar": "العربية"}
IN_ENGLISH = {"en": "English", "es": "Spanish", "ar": "Arabic"}  # As staff, who may not read them, call them.
TRANSLATED = [code for code in LANGUAGES if code != "en"]
RIGHT_TO_LEFT = frozenset({"ar"})
# Numbers and dates as readers in the United States write them: 1,800, not 1.800 (CLDR es_US).
REGIONS = {"es": "es_US"}
COOKIE = "lang"
STAFF_PATHS = ("/staff", "/login", "/password", "/setup", "/dev")


class Said(NamedTuple):
    """A text, and the language that it is in; it counts as false where there is no text."""

    text: str
    language: str

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def shown(self) -> Markup:
        """The text for a page, marked where it is in another language than the page."""
        return marked(self.text, self.language) if self.text else Markup()

    @property
    def html(self) -> Markup:
        """The safe HTML of a longer text that is typed as Markdown."""
        return rich_text.html(self.text)

    @property
    def prose(self) -> Markup:
        """That HTML for a page, marked where it is in another language than the page."""
        return marked(self.html, self.language, tag="div") if self.text.strip() else Markup()


def init_app(app: Flask) -> None:
    """Give templates the locale and its direction, and remember a language chosen with ?lang=."""
    domain = translations.ReviewedDomain(Path(app.config["BABEL_TRANSLATION_DIRECTORIES"]))
    babel.domain_instance = domain
    app.jinja_env.globals |= {
        "direction_of": direction,
        "lang_of": lang_of,
        "foreign_lang": foreign_lang,
        "said_here": said_here,
        "comma": lambda: comma(language()),
        "in_english": IN_ENGLISH,
        "translated": TRANSLATED,
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
    return accepted(request.accept_languages)


def accepted(header: LanguageAccept) -> str:
    """Return the language that the browser would rather have; English where we write in none of them."""
    return header.best_match(list(LANGUAGES)) or "en"


def language() -> str:
    """Return the code of the language that is being written now."""
    locale = get_locale()
    return locale.language if locale else "en"


def direction(code: str) -> str:
    """Return `rtl` or `ltr`."""
    return "rtl" if code in RIGHT_TO_LEFT else "ltr"


def best(there: Collection[str], *wanted: str) -> str:
    """Return the first wanted language that is there; else English, or another; empty where none is."""
    return next((code for code in (*wanted, *LANGUAGES, *there) if code in there), "")


def said(texts: Mapping[str, Any], *wanted: str) -> Said:
    """Return the text in the first wanted language that has one; else in English, or in another that we write in."""
    code = best([code for code in (*wanted, *LANGUAGES) if texts.get(code)], *wanted)
    return Said(str(texts[code]), code) if code else Said("", next(iter(wanted), "en"))


def said_here(texts: Mapping[str, Any], *others: str) -> Said:
    """Return the text in the language of the page; else in one of those others, in English, or in another."""
    return said(texts, language(), *others)


def known(code: str | None) -> str:
    """Return the language of that code; English where we write in none such."""
    return code if code in LANGUAGES else "en"


def lang_of(code: str) -> Markup:
    """Return the attributes of an element whose text is in that language, with a space before them."""
    return Markup(' lang="{}" dir="{}"').format(code, direction(code))


def foreign_lang(code: str) -> Markup:
    """Return these attributes where the page is in another language, or nothing."""
    return Markup("") if code == language() else lang_of(code)


def marked(text: str, code: str, *, tag: str = "span") -> Markup:
    """Return a text for a page; one in another language than the page's carries its own lang and dir."""
    return escape(text) if code == language() else Markup("<{0}{1}>{2}</{0}>").format(tag, lang_of(code), text)


def listed(texts: Iterable[str]) -> Markup:
    """Return the texts for a page, with commas between them."""
    return escape(comma(language())).join(texts)


def comma(code: str) -> str:
    """Return what stands between the parts of a list in that language."""
    return "، " if code in RIGHT_TO_LEFT else ", "
