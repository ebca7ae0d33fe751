"""Shipped and reviewed translations."""

import pytest
from flask_babel import force_locale, gettext

from crm.base import translations
from crm.config import ROOT
from crm.extensions import db

FOLDER = ROOT / "translations"


@pytest.mark.parametrize("language", ["es", "ar"])
def test_a_reviewed_text_stands_before_the_catalog(app, language):
    with app.test_request_context(), force_locale(language):
        shipped = gettext("Privacy")
        assert shipped != "Privacy"
        translations.review(language, "Privacy", "Reviewed!", "Rosa Reviewer")
        db.session.commit()
        app.extensions["reviewed_texts"].clear()
        assert gettext("Privacy") == "Reviewed!"
    assert {t.source: t.reviewed_by for t in translations.texts(FOLDER, language)}["Privacy"] == "Rosa Reviewer"


def test_a_language_is_a_draft_until_every_text_was_reviewed(app):
    domain = translations.ReviewedDomain(FOLDER)
    assert translations.is_draft(domain, "es")
    assert not translations.is_draft(domain, "en")
    for text in translations.texts(FOLDER, "es"):
        translations.review("es", text.source, text.translation, "Rosa Reviewer")
    db.session.commit()
    app.extensions["reviewed_texts"].clear()
    assert not translations.is_draft(domain, "es")


def test_a_translation_that_lost_a_placeholder_is_refused(app):
    with pytest.raises(translations.BadTranslation, match="count"):
        translations.review("es", "%(count)s people", "personas", "Rosa Reviewer")
