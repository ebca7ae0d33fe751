"""No text that somebody types becomes code: vectors in every field of every table, and every page read as HTML.

`bench.vectors` does the same in Chromium, with many more.
"""

import re

import pytest
from lxml import html

from bench import vector_fields, vector_mails, vector_rows
from bench.vector_forms import Forms
from bench.vector_pages import Page, Reader
from crm.extensions import db
from tests import factories
from tests.corpora import executing, templates

ADDRESSES = ("href", "src", "action", "formaction", "data", "xlink:href")
RUNS = re.compile(r"(javascript|data|vbscript):", re.IGNORECASE)
BLANKS = re.compile(r"[\x00-\x20]")
on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def code_in(page: Page) -> list[str]:
    """Return what a browser would run of the vectors in a page, without running it."""
    found = []
    for element in html.document_fromstring(page.body).iter():
        if element.tag == "script" and vector_fields.NUMBER.search(element.text or ""):
            found.append(f"script {element.text}")
        for name, said in element.attrib.items():
            ours = vector_fields.NUMBER.search(said)
            runs = name in ADDRESSES and RUNS.match(BLANKS.sub("", said))
            if ours and (name.startswith("on") or name == "srcdoc" or runs):
                found.append(f"{element.tag} {name}={said}")
    return found


def test_a_page_that_lets_vectors_through_is_seen():
    for place, vector in executing.VECTORS[:: len(executing.VECTORS) // 40]:
        if place == "html":
            said = executing.marked(vector, 770000000)
            assert code_in(Page("", "", 200, "text/html", f"<p>{said}</p>")), vector


@on_sqlite
def test_no_field_is_run_in_any_page_or_mail(app, alice):
    for _ in range(2):
        factories.make_contact(topics={"action-alerts": "active"})
    vector_rows.fill()
    chosen = executing.VECTORS[::19]
    vectors = vector_fields.Vectors(
        [said for _, said in chosen], [said for place, said in executing.VECTORS if place == "url"]
    )
    vectors.live += vectors.addresses
    reader = Reader(app, each=1)
    forms = Forms(reader)
    list(forms.collect(reader.find()))
    for table in vector_fields.tables():
        table.write(vectors, 0)
    db.session.commit()
    pages = [*reader.read(0), *vector_mails.read(vectors, 0), *forms.send(vectors, 0)]
    assert len(forms.kinds) > 100
    seen = set()
    for page in pages:
        assert page.status < 500, f"{page.who} {page.address}"
        assert templates.PRODUCT not in page.body, page.address
        seen |= set(vector_fields.NUMBER.findall(page.body))
        if page.kind == "text/html" and page.body.strip():
            assert code_in(page) == [], page.address
    assert len({field for _, field in seen}) > 200
