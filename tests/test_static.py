"""Front-end files: vendored ones are what their packages ship, and nothing comes from outside."""

import gzip
import hashlib
import json
import re

import pytest

from crm.config import ROOT

STATIC = ROOT / "crm" / "static"
VENDOR = STATIC / "vendor"
LISTED = json.loads((VENDOR / "vendor.json").read_text())
OWN = [*STATIC.glob("*.css"), *STATIC.glob("*.js"), *STATIC.glob("*.svg")]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "email" not in path.parts]


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry["file"])
def test_vendored_files_are_unchanged(entry):
    assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


def test_every_vendored_file_is_listed_and_has_its_license_beside_it():
    present = {str(p.relative_to(VENDOR)) for p in VENDOR.rglob("*") if p.is_file()} - {"vendor.json"}
    assert present == {entry["file"] for entry in LISTED}
    for folder in VENDOR.iterdir():
        assert not folder.is_dir() or list(folder.glob("LICENSE*")), f"{folder.name} has no license"


@pytest.mark.parametrize("path", [*OWN, *PAGES], ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_is_loaded_from_outside(path):
    text = path.read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"""(?:src|href|action|url|import|from)\s*[=(]?\s*["'(]?(?:https?:)?//""", text)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_pages_have_no_inline_code(path):
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*(?:src=|application/json))", text)


def test_only_the_theme_names_colors():
    for path in STATIC.glob("*.css"):
        if path.name != "theme.css":
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", path.read_text()), path.name


def test_stylesheets_stay_small():
    for path in STATIC.glob("*.css"):
        assert len(path.read_text().splitlines()) <= 300, path.name


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_text_goes_out_compressed_and_is_kept_for_good_under_an_address_that_changes_with_it(client):
    address = re.search(r'href="(/static/[0-9a-f]{12}/theme\.css)"', client.get("/signup").text)[1]
    packed = client.get(address, headers={"Accept-Encoding": "br, gzip"})
    plain = (STATIC / "theme.css").read_bytes()
    assert gzip.decompress(packed.data) == plain
    assert packed.headers["Content-Length"] == str(len(packed.data))
    assert "immutable" in packed.headers["Cache-Control"]
    for answer in (packed, client.get(address), client.get(address, headers={"Accept-Encoding": "gzip;q=0, br"})):
        assert answer.headers["Vary"] == "Accept-Encoding"
    assert client.get(address, headers={"Accept-Encoding": "gzip;q=0"}).data == plain
    again = client.get(address, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("version", ["", "0123456789ab/"])
def test_a_page_from_before_an_update_finds_its_styles_but_they_are_not_kept(client, version):
    answer = client.get(f"/static/{version}theme.css")
    assert answer.data == (STATIC / "theme.css").read_bytes()
    assert answer.headers["Cache-Control"] == "max-age=60, public"
