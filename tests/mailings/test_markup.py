"""From what staff type to safe HTML and a text with the same links."""

import re
import time

import html5lib
import pytest

from crm.mailings import markup
from tests.corpora import scripting

NAMESPACE = "{http://www.w3.org/1999/xhtml}"
SAFE_SCHEMES = ("http://", "https://", "mailto:", "tel:", "{{ ")


def test_a_button_stands_alone_on_its_line():
    body = markup.compose("Hello\n\n[button: Sign now](https://act.example/x)\n\nBye")
    assert '<p><a class="button" href="https://act.example/x">Sign now</a></p>' in body.html
    assert "Sign now (https://act.example/x)" in body.text


def test_a_button_with_more_on_its_line_is_a_link_and_leaves_the_next_one_alone():
    body = markup.compose("[button: **No**](https://act.example/x) today\n\n[button: **Yes**](https://act.example/y)")
    assert body.html.count('class="button"') == 1
    assert '<p><a class="button" href="https://act.example/y"><strong>Yes</strong></a></p>' in body.html
    assert "button: " in body.html.partition("</p>")[0]


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("[button: Sign](https://act.example/x) today\n\n", "markdown"),
        ('<p><a href="https://act.example/x">button: Sign\n', "html"),
        ('<p><a href="https://act.example/x">button: <pre>' + " " * 400, "html"),
    ],
)
def test_many_links_that_only_look_like_a_button_take_no_time(line, written):
    source = (line * (180_000 // len(line)))[:180_000]
    began = time.process_time()
    markup.compose(source, written)
    assert time.process_time() - began < 4


def test_bare_addresses_become_links_without_the_full_stop():
    body = markup.compose("Read https://x.example/a?b=1&c=2.")
    assert body.links == ["https://x.example/a?b=1&c=2"]
    assert body.text == "Read https://x.example/a?b=1&c=2."


def test_html_and_text_carry_the_same_links():
    source = (
        "[a](https://a.example) <https://b.example> [c](mailto:c@c.example)\n\n[button: D](https://d.example/?x=1&y=2)"
    )
    body = markup.compose(source)
    hrefs = {tag.get("href") for tag in html5lib.parse(body.html).iter(f"{NAMESPACE}a")}
    assert hrefs == {"https://a.example", "https://b.example", "mailto:c@c.example", "https://d.example/?x=1&y=2"}
    assert all(href.removeprefix("mailto:") in body.text for href in hrefs)


def test_links_are_rewritten_in_html_and_text_alike():
    source = "[a](https://a.example) and [again](https://a.example)"
    body = markup.compose(source, rewrite=lambda url: "https://crm.example/c/1")
    assert body.html.count("https://crm.example/c/1") == 2
    assert "https://a.example" not in body.html + body.text
    assert body.links == ["https://a.example"]


def test_merge_fields_pass_untouched_through_markdown():
    source = '# Hi {{ first_name | default: "*dear* friend" }}\n\n- {{ city }}\n- [leave]({{ unsubscribe_url }})'
    body = markup.compose(source)
    assert "{{ first_name | default: &quot;*dear* friend&quot; }}" in body.html
    assert '{{ first_name | default: "*dear* friend" }}' in body.text
    assert 'href="{{ unsubscribe_url }}"' in body.html
    assert body.faults == []


@pytest.mark.parametrize(
    "source",
    [
        "[a](https://x.example/?n={{ city }})",
        "[a]({{ city }})",
        "[a](mailto:{{ first_name }}@x.example)",
        "![{{ city }}](https://x.example/a.png)",
        "![a]({{ share_url }})",
    ],
)
def test_a_field_that_people_fill_in_cannot_stand_in_a_link_or_image(source):
    body = markup.compose(source)
    assert len(body.faults) == 1
    assert "{{" not in "".join(re.findall(r'(?:href|src|alt)="[^"]*"', body.html))


@pytest.mark.parametrize(
    "url",
    ["/relative", "ftp://x.example", "javascript:alert(1)", "https://", "http:///x", "https://x.example\\@e.example"],
)
def test_a_link_without_a_full_web_address_is_a_fault_or_gone(url):
    body = markup.compose(f'<a href="{url}">x</a>', "html")
    assert "href" not in body.html


def test_a_link_field_that_stands_alone_becomes_a_link():
    body = markup.compose("Share {{ share_url }}, or ({{ share_url }}) and {{ city }}.")
    assert body.html.count('<a href="{{ share_url }}">{{ share_url }}</a>') == 1
    assert body.text == "Share {{ share_url }}, or ({{ share_url }}) and {{ city }}."


def test_images_without_description_are_counted():
    assert markup.compose("![](https://x.example/a.png) ![ok](https://x.example/b.png)").images_without_alt == 1


@pytest.mark.parametrize("kind", ["markdown", "html"])
def test_no_scripting_vector_survives(kind):
    allowed = markup.TEXT_TAGS | markup.BLOCK_TAGS | markup.TABLE_TAGS | {"html", "head", "body"}
    for vector in scripting.VECTORS:
        for element in html5lib.parse(markup.compose(vector, kind).html).iter():
            if isinstance(element.tag, str):
                assert element.tag.removeprefix(NAMESPACE) in allowed, vector
                names = {name for name in element.attrib if isinstance(name, str)}
                assert not any(name.startswith("on") or name in {"style", "srcdoc"} for name in names), vector
                for name in ("href", "src"):
                    assert element.get(name, "https://").lower().startswith(SAFE_SCHEMES), vector


def test_the_source_of_scripting_stays_readable_as_text():
    assert "<script>alert(1)</script>" in markup.compose("<script>alert(1)</script>").text


@pytest.mark.parametrize("kind", ["markdown", "html"])
@pytest.mark.parametrize("part", ["[", "*a_", "> ", "{{", "![](", "<a href=", "https://", "<div>", "`"])
def test_the_same_sign_a_thousand_times_does_no_harm(part, kind):
    assert markup.compose(part * 1000, kind).faults is not None
