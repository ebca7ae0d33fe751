"""The library is searched: in all its words, the best first, without accents, in Latin and Arabic letters."""

from datetime import date

import pytest

from crm.extensions import db
from crm.resources.models import Resource
from crm.site.demo.paper import written
from tests.resources.makers import add_pdf, make_resource, read_all


def titles(client, query):
    text = client.page(f"/resources/?{query}").text
    found = [part.split("</bdi>")[0] for part in text.split("<bdi>")[1:]]
    return [title for title in found if title in ("In the title", "In the text", "In the summary", "Draft")]


@pytest.fixture
def three(app):
    plain = {"summary_en": "", "authors": "", "topics": [], "audiences": []}
    make_resource(
        title_en="In the text", **plain, pdf=written(["Reválida de enfermería", "licensing boards"]), kind="report"
    )
    make_resource(
        title_en="In the summary", **{**plain, "summary_en": "Licensing, licensing"}, published_on=date(2024, 5, 1)
    )
    make_resource(
        title_en="In the title", title_es="Licensing", title_ar="الترخيص المؤقت", **{**plain, "topics": ["research"]}
    )
    make_resource(title_en="Draft", summary_en="licensing", published=False)
    for _ in range(4):
        read_all()


def test_titles_come_before_summaries_and_these_before_what_files_say(client, three):
    assert titles(client, "q=licensing") == ["In the title", "In the summary", "In the text"]
    assert titles(client, "q=LICENS") == ["In the title", "In the summary", "In the text"]
    assert titles(client, "q=licensing+boards") == ["In the text"]
    assert titles(client, "") == ["In the title", "In the text", "In the summary"]


def test_accents_case_and_articles_make_no_difference(client, three):
    for query in ("q=revalida", "q=REVÁLIDA", "q=enfermeria"):
        assert titles(client, query) == ["In the text"], query
    for query in ("q=ترخيص", "q=الترخيص", "q=المُؤقّت"):
        assert titles(client, query) == ["In the title"], query


def test_filters_narrow_what_is_found_and_nonsense_asks_for_nothing(client, three):
    assert titles(client, "type=report") == ["In the text"]
    assert titles(client, "topic=research") == ["In the title"]
    assert titles(client, "year=2024") == ["In the summary"]
    assert titles(client, "q=licensing&language=en&year=2026") == ["In the title", "In the text"]
    assert "Nothing was found" in client.page("/resources/?q=%F0%9F%8E%93").text
    assert "Nothing was found" in client.page("/resources/?q=topic:research").text
    client.page("/resources/?type=poem&year=99999999999&page=-3&q=" + "x" * 5000)


def test_what_was_replaced_or_rewritten_is_found_no_more(client, three):
    one = db.session.query(Resource).filter_by(slug="in-the-text").one()
    add_pdf(one, written(["Something else"]))
    read_all()
    assert titles(client, "q=revalida") == [] and titles(client, "q=something") == ["In the text"]
