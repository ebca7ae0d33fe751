"""Translations of public text: shipped catalogs, and what a named person has reviewed since.

A text is a draft until somebody reviewed it. Reviewed texts are rows, and stand before the catalog; they are
looked up again every few seconds, so that every process shows them soon.
"""

import hashlib
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import current_app
from flask_babel import Domain, get_locale
from sqlalchemy import Row, Select, func, select

from crm.base import clock
from crm.base.database import reading
from crm.base.models import ReviewedText
from crm.extensions import db

LOOK_AGAIN_SECONDS = 2.0  # With what pages are kept for (site.kept_pages) under ten in all.


class BadTranslation(ValueError):
    """A translation cannot be taken; the message says why."""


@dataclass(frozen=True)
class Text:
    """One text of the catalog in one language, and who reviewed it (empty while it is a draft)."""

    source: str
    translation: str
    reviewed_by: str


@dataclass
class _Loaded:
    translations: Translations
    drafts: int
    stamp: object
    checked_at: float


class ReviewedDomain(Domain):
    """Gettext over the shipped catalogs and the reviewed texts of this installation."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.folder = folder

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        loaded = self.loaded(locale.language) if locale else None
        return loaded.translations if loaded else NullTranslations()

    def loaded(self, language: str) -> _Loaded | None:
        """Return what is loaded for a language, or None where no catalog is shipped for it."""
        kept: dict[str, _Loaded] = current_app.extensions.setdefault("reviewed_texts", {})
        known = kept.get(language)
        if known and time.monotonic() - known.checked_at < LOOK_AGAIN_SECONDS:
            return known
        if not path_of(self.folder, language).exists():
            return None
        stamp = _stamp(language)
        if known and known.stamp == stamp:
            known.checked_at = time.monotonic()
            return known
        kept[language] = self._load(language, stamp)
        return kept[language]

    def _load(self, language: str, stamp: object) -> _Loaded:
        catalog = read_catalog(self.folder, language)
        reviewed = _reviewed(language)
        drafts = 0
        for message in catalog:
            if message.id:
                row = reviewed.get(digest(str(message.id)))
                drafts += row is None
                message.string = row.text if row else message.string
        buffer = io.BytesIO()
        write_mo(buffer, catalog)
        buffer.seek(0)
        return _Loaded(Translations(buffer), drafts, stamp, time.monotonic())


def is_draft(domain: ReviewedDomain, language: str) -> bool:
    """Tell whether any text of that language still waits for a reviewer."""
    loaded = domain.loaded(language) if language != "en" else None
    return bool(loaded and loaded.drafts)


def texts(folder: Path, language: str) -> list[Text]:
    """Return every text of the catalog in that language, with its reviewer."""
    reviewed = _reviewed(language)
    found = []
    for message in read_catalog(folder, language):
        if message.id:
            row = reviewed.get(digest(str(message.id)))
            found.append(
                Text(str(message.id), row.text if row else str(message.string), row.reviewed_by if row else "")
            )
    return found


def review(language: str, source: str, translation: str, reviewer: str) -> None:
    """Take a text as reviewed by that person; raises BadTranslation where it is empty or lost a placeholder."""
    if not translation.strip():
        raise BadTranslation("the translation is empty")
    if placeholders(source) != placeholders(translation):
        wanted = ", ".join(sorted(placeholders(source))) or "none"
        raise BadTranslation(f"it must hold the same placeholders as the source ({wanted})")
    row = db.session.get(ReviewedText, (language, digest(source)))
    if row is None:
        row = ReviewedText(language=language, digest=digest(source))
        db.session.add(row)
    row.text, row.reviewed_by, row.reviewed_at = translation, reviewer, clock.now()


def placeholders(text: str) -> set[str]:
    """Return the names in %(name)s and {name} of a text."""
    try:
        braces = {name for _, name, _, _ in Formatter().parse(text) if name}
    except ValueError:
        braces = set()
    return braces | {piece.split(")")[0] for piece in text.split("%(")[1:]}


def read_catalog(folder: Path, language: str) -> Catalog:
    with path_of(folder, language).open("rb") as file:
        return read_po(file, locale=language)


def path_of(folder: Path, language: str) -> Path:
    return folder / language / "LC_MESSAGES" / "messages.po"


def digest(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()


def _reviewed(language: str) -> dict[str, Row]:
    table = ReviewedText.__table__.c
    query = select(table.digest, table.text, table.reviewed_by).where(table.language == language)
    return {row.digest: row for row in _read(query)}


def _stamp(language: str) -> object:
    query = select(func.count(), func.max(ReviewedText.reviewed_at)).where(ReviewedText.language == language)
    return tuple(_read(query)[0])


def _read(query: Select) -> Sequence[Row]:
    # A connection of its own: looking a text up must not begin the request's writing transaction.
    with reading(), db.engine.connect() as connection:
        return connection.execute(query).all()
