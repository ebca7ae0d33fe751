"""Blocks from outside: what is kept of them, and what has to be mended before they are sent."""

import html5lib
import pytest

from crm.mailings import markup
from crm.mailings.blocks import checking
from tests.corpora import scripting

TEXT = {"id": "aaaaaaaa", "kind": "text", "html": "<p>Hello</p>"}
BUTTON = {"id": "bbbbbbbb", "kind": "button", "text": "Sign now", "url": "https://act.example/x"}


def clean_one(**values) -> dict:
    return checking.cleaned([values])[0]


def said(blocks: list) -> list[str]:
    return [str(fault) for fault in checking.faults(checking.cleaned(blocks))]


def test_good_blocks_stay_as_they_are(app):
    columns = {"id": "cccccccc", "kind": "columns", "columns": [[TEXT], [BUTTON]]}
    assert checking.cleaned([columns]) == [columns]
    assert said([columns]) == []


def test_script_is_gone_from_rich_text_and_fields_stay(app):
    dirty = '<p onclick="x()">Hi {{ first_name | default: "you" }}<script>alert(1)</script><img src=x onerror=y></p>'
    kept = clean_one(kind="text", html=dirty)["html"]
    assert kept == "<p>Hi {{ first_name | default: &quot;you&quot; }}</p>"
    assert clean_one(kind="text", html=kept)["html"] == kept


def test_what_word_pastes_comes_out_plain(app):
    word = (
        "<!--[if gte mso 9]><xml><o:x/></xml><![endif]--><style>p.MsoNormal{margin:0}</style>"
        '<p class="MsoNormal" style="mso-x:1"><b>Dear</b> <o:p>members</o:p></p>'
    )
    assert clean_one(kind="text", html=word)["html"] == "<p><b>Dear</b> members</p>"


def test_no_vector_survives_in_rich_text(app):
    for vector in scripting.VECTORS:
        kept = clean_one(kind="text", html=vector)["html"]
        for tag in html5lib.parseFragment(kept, namespaceHTMLElements=False).iter():
            assert tag.tag in {"DOCUMENT_FRAGMENT", *markup.RICH_TAGS}, vector
            assert set(tag.attrib) <= {"href", "class", "dir", "lang", "start"}, vector
            scheme = tag.get("href", "").strip().lower()
            assert not scheme.startswith(("javascript", "data", "vbscript", "file")), vector


def test_ids_are_made_unique(app):
    first, second = checking.cleaned([TEXT, TEXT])
    assert first["id"] == "aaaaaaaa"
    assert len(second["id"]) == 8 and second["id"] != "aaaaaaaa"
    assert len(clean_one(kind="divider", id="<b>")["id"]) == 8


def test_unknown_fields_and_line_breaks_go(app):
    kept = clean_one(kind="heading", text="One\r\nline\x00 ", level="2", evil="x")
    assert {name: kept[name] for name in kept if name != "id"} == {"kind": "heading", "text": "One line", "level": "2"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("text", "no list"),
        ([1], "no block"),
        ([{"kind": "video"}], "named “video”"),
        ([{"kind": ["text"]}], "no kind"),
        ([{"kind": "columns", "columns": [[{"kind": "columns", "columns": [[], []]}], []]}], "inside of columns"),
        ([{"kind": "columns", "columns": [1, 2]}], "no list of blocks"),
        ([{"kind": "divider"}] * 201, "201 blocks"),
        ([{"kind": "columns", "columns": [[{"kind": "divider"}] * 200, []]}], "201 blocks"),
        ([{"kind": "text", "html": "<p>" + "word " * 1_000_000}], "5,000,00. characters"),
        ([{"kind": "text", "html": "x" * 10_000_001}], "10,000,001 characters"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(app, given, words):
    with pytest.raises(checking.BadBlocks, match=words):
        checking.cleaned(given)


def test_addresses_are_read_as_they_were_meant(app):
    def read(url: str) -> str:
        return clean_one(kind="button", text="Go", url=url)["url"]

    assert read(" bridgeway.example/report ") == "https://bridgeway.example/report"
    assert read("carol@mail.example") == "mailto:carol@mail.example"
    assert read("{{ share_url }}") == "{{ share_url }}"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("javascript:alert(1)", "no full web address"),
        ("data:text/html,x", "no full web address"),
        ("//evil.example", "no full web address"),
        ("https://x.example/?n={{ city }}", "cannot be a link"),
        ("{{ first_name }}", "cannot be a link"),
        ("https://x.example/" + "a" * 2000, "over 2,000"),
        ("", "Give a web address"),
    ],
)
def test_a_bad_address_is_told_with_its_place(app, url, words):
    (fault,) = said([TEXT, {**BUTTON, "url": url}])
    assert fault.startswith("Block 2 (Button): ")
    assert words in fault


def test_what_is_empty_is_told_with_its_place(app):
    columns = {"kind": "columns", "columns": [[{"kind": "text", "html": "<p>&nbsp;</p>"}], [{"kind": "image"}]]}
    assert said([columns]) == [
        "Block 1, left 1 (Text): Text is empty. Write something.",
        "Block 1, right 1 (Image): Picture is empty. Choose a picture.",
    ]


def test_a_line_that_is_too_long_is_kept_and_told(app):
    block = {"kind": "heading", "text": "a" * 501, "level": "1"}
    assert clean_one(**block)["text"] == "a" * 501
    assert said([block]) == ["Block 1 (Heading): Heading has 501 characters. Keep it under 500."]
