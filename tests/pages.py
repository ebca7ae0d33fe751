"""A client that reads each page it opens as HTML5, and complains about what is wrong with it."""

import hashlib
import re
from typing import Any

import html5lib
from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm.extensions import db

NAMESPACE = "{http://www.w3.org/1999/xhtml}"
RANDOM = re.compile(r'(name="(?:form_number|csrf_token|stamp|ticket)" value=")[^"]*')
HIDDEN_INPUTS = {"hidden", "submit", "button", "image", "reset"}

_well_made: set[bytes] = set()  # Digests of pages without their random numbers: half of all pages come again.


class PageClient(FlaskClient):
    """Flask's client, with `page`: open an address, check the HTML, return the answer.

    Each request gets an application context of its own, as on a server: the test's context must not lend it
    its `g` (and with it the user of an earlier request) nor its database session.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send the rows made so far, ask, and read rows anew afterwards."""
        if has_app_context():
            db.session.commit()
        kwargs.setdefault("buffered", True)
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        if has_app_context():
            db.session.expire_all()
        return response

    def page(self, url: str, status: int = 200, **kwargs) -> TestResponse:
        """Open a page, following redirects; raises AssertionError where it is not well made."""
        response = self.get(url, follow_redirects=True, **kwargs)
        assert response.status_code == status, f"{url}: {response.status} {response.text[:500]}"
        check(response.text, url)
        return response

    def send(self, url: str, data: dict | None = None, status: int = 200, **kwargs) -> TestResponse:
        """Post a form, following redirects, and check the page that answers."""
        response = self.post(url, data=data or {}, follow_redirects=True, **kwargs)
        assert response.status_code == status, f"{url}: {response.status} {response.text[:500]}"
        if response.mimetype == "text/html":
            check(response.text, url)
        return response


def check(html: str, url: str = "") -> None:
    """Assert that the page is well made: parses, has a title, one h1, labels, unique ids, no inline code."""
    without_numbers = hashlib.sha256(RANDOM.sub(r"\1", html).encode()).digest()
    if without_numbers in _well_made:
        return
    parser = html5lib.HTMLParser(strict=False)
    tree = parser.parse(html)
    serious = [error for error in parser.errors if error[1] != "expected-doctype-but-got-chars"]
    assert not serious, f"{url}: HTML errors {serious[:3]}"
    elements = list(tree.iter())
    title = tree.find(f".//{NAMESPACE}title")
    assert title is not None and (title.text or "").strip(), f"{url}: no title"
    root = tree if tree.tag == f"{NAMESPACE}html" else tree.find(f".//{NAMESPACE}html")
    assert root is not None and root.get("lang"), f"{url}: no language"
    assert len(tree.findall(f".//{NAMESPACE}h1")) == 1, f"{url}: needs exactly one h1"
    ids = [e.get("id") for e in elements if e.get("id")]
    doubled = {i for i in ids if ids.count(i) > 1}
    assert not doubled, f"{url}: ids used twice {doubled}"
    _check_fields(tree, elements, set(ids), url)
    _check_code(elements, url)
    _well_made.add(without_numbers)


def _check_fields(tree, elements, ids, url) -> None:
    labelled = {e.get("for") for e in tree.iter(f"{NAMESPACE}label")}
    wrapped = {id(f) for e in tree.iter(f"{NAMESPACE}label") for f in e.iter()}
    for tag in ("input", "select", "textarea"):
        for field in tree.iter(NAMESPACE + tag):
            if field.get("type") in HIDDEN_INPUTS:
                continue
            named = field.get("aria-label") or field.get("aria-labelledby")
            assert named or field.get("id") in labelled or id(field) in wrapped, (
                f"{url}: no label for {field.get('name')}"
            )
    for element in elements:
        for reference in (element.get("aria-describedby") or "").split():
            assert reference in ids, f"{url}: aria-describedby names missing id {reference}"
    for image in tree.iter(f"{NAMESPACE}img"):
        assert image.get("alt") is not None, f"{url}: image without alt"
    for form in tree.iter(f"{NAMESPACE}form"):
        if (form.get("method") or "get").lower() == "post":
            names = [e.get("name") for e in form.iter(f"{NAMESPACE}input")]
            assert "csrf_token" in names or form.get("data-csrf") == "exempt", f"{url}: form without csrf_token"


def _check_code(elements, url) -> None:
    for element in elements:
        if not isinstance(element.tag, str):
            continue
        assert element.get("style") is None, f"{url}: inline style on {element.tag}"
        assert not any(name.startswith("on") for name in element.attrib), f"{url}: inline handler on {element.tag}"
        if element.tag == f"{NAMESPACE}script" and element.get("type") != "application/json":
            assert element.get("src", "").startswith("/static/"), f"{url}: inline or foreign script"
