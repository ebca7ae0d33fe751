"""Languages of public pages: a text carries its language and direction where the page is in another."""

from flask import Flask, render_template_string
from flask_babel import force_locale

from crm.base.locales import best, said


def test_text_in_another_language_than_the_page_carries_its_language_and_direction(app: Flask) -> None:
    shown = "<p{{ foreign_lang('ar') }}><i{{ lang_of('ar') }}></i>{{ comma() }}"
    with app.test_request_context("/"):
        assert render_template_string(shown) == '<p lang="ar" dir="rtl"><i lang="ar" dir="rtl"></i>, '
        with force_locale("ar"):
            assert render_template_string(shown) == '<p><i lang="ar" dir="rtl"></i>، '


def test_a_text_is_told_in_the_wanted_language_else_in_english_else_in_another() -> None:
    everywhere = {"ar": "مرحبا", "es": "Hola", "en": "Hello"}
    assert said(everywhere, "es") == ("Hola", "es")
    assert said({**everywhere, "es": ""}, "es") == ("Hello", "en")
    assert said({"ar": "مرحبا", "key": "a"}, "es") == ("مرحبا", "ar")
    assert said({}, "es") == ("", "es") and not said({}, "es")
    assert (best({"fr", "es"}, "ar"), best({"fr"}, "ar"), best({}, "ar")) == ("es", "fr", "")
