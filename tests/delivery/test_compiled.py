"""Messages, cut once and filled in for each recipient, read back by an independent parser."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.delivery.compiled import Content, compile_content
from crm.delivery.merge_fields import BadField
from crm.delivery.mime import BadHeader

SENDER = "Bridgeway Coalition <news@bridgeway.example>"
PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300)


def render(content: Content, **values: str) -> tuple[bytes, EmailMessage]:
    """Return the octets as a server keeps them, and the parsed message."""
    wire = compile_content(content).render(b"To: amina@mail.example\r\n", values)
    assert wire.endswith(b"\r\n.\r\n")
    body = wire[: -len(b".\r\n")]
    assert b"\r\n.\r\n" not in body, "an early end of the message"
    assert all(not line.startswith(b".") or line.startswith(b"..") for line in body.split(b"\r\n"))
    raw = body.replace(b"\r\n..", b"\r\n.")
    return raw, message_from_bytes(raw, policy=policy.default)


def text_of(message: EmailMessage, subtype: str = "plain") -> str:
    return message.get_body((subtype,)).get_content().replace("\r\n", "\n").removesuffix("\n")


@settings(deadline=None)
@given(before=PRINTABLE, value=PRINTABLE, after=PRINTABLE)
def test_any_text_and_value_arrive_unchanged_in_short_lines(before, value, after):
    before, after = before.replace("{{", "").replace("}}", ""), after.replace("{{", "").replace("}}", "")
    html = "<p>x</p>"
    content = Content("Hello", html, f"{before} {{{{ name }}}}\n{after}.", SENDER)
    raw, message = render(content, name=value)
    assert text_of(message) == f"{before} {value}\n{after}."
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    assert raw.isascii()


@settings(deadline=None)
@given(value=PRINTABLE)
def test_any_value_in_a_subject_stays_one_header(value):
    raw, message = render(Content("Hello {{ name }}", "", "x", SENDER), name=value)
    assert str(message["Subject"]).split() == f"Hello {value}".split()
    assert len(message.keys()) == len(set(message.keys())) == 8
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


@pytest.mark.parametrize("value", ["a\r\nBcc: evil@mail.example", "a\nBcc: evil@mail.example", "a\r\n\r\nbody", "\0"])
def test_a_value_cannot_add_a_header(value):
    _, message = render(Content("Hello {{ name }}", "", "x", SENDER), name=value)
    assert message["Bcc"] is None
    assert text_of(message) == "x"


def test_values_are_escaped_for_where_they_stand():
    html = "<p title='{{ name }}'>{{ name }}</p><a href=\"{{ link }}\">a</a>"
    html += "<a href='https://x.example/?n={{ name }}'>b</a>"
    _, message = render(
        Content("s", html, "https://x.example/?n={{ name }} {{ name }}", SENDER), name="<b>'A & B", link="javascript:x"
    )
    page = text_of(message, "html")
    assert "<p title='&lt;b&gt;&#x27;A &amp; B'>&lt;b&gt;&#x27;A &amp; B</p>" in page
    assert '<a href="#">a</a>' in page
    assert "https://x.example/?n=%3Cb%3E%27A%20%26%20B" in page
    assert text_of(message) == "https://x.example/?n=%3Cb%3E%27A%20%26%20B <b>'A & B"


def test_a_link_field_may_be_a_whole_address():
    html = '<a href="{{ link }}">a</a>'
    _, message = render(Content("s", html, "{{ link }}", SENDER), link="https://crm.example/u/a.b?x=1&y=2")
    assert 'href="https://crm.example/u/a.b?x=1&amp;y=2"' in text_of(message, "html")
    assert text_of(message) == "https://crm.example/u/a.b?x=1&y=2"


def test_an_empty_value_takes_the_default():
    content = Content("s", "", "Dear {{ name | default: \"friend\" }}, {{ name|default:'you' }}!", SENDER)
    assert text_of(render(content, name="")[1]) == "Dear friend, you!"
    assert text_of(render(content, name="Amina")[1]) == "Dear Amina, Amina!"


@pytest.mark.parametrize(
    "html",
    [
        "<script>{{ name }}</script>",
        "<!-- {{ name }} -->",
        "<p {{ name }}>x</p>",
        "<a href={{ name }}>x</a>",
        "<p>{{ name }}</p> and <!-- {{ name }} then {{ name }} -->",
        "<style>p { color: red }</style><p>{{ name }}</p><p {{ name }}>x</p>",
        "{{ name.__class__ }}",
        "{{ 7*7 }}",
        "{{ name | upper }}",
        "{{ }}",
    ],
)
def test_fields_in_dangerous_places_or_with_logic_are_refused(html):
    with pytest.raises(BadField):
        compile_content(Content("s", html, "", SENDER))


@pytest.mark.parametrize(
    "values",
    [
        {"subject": "a\nBcc: x@mail.example"},
        {"sender": "a\r\nBcc: x <a@b.example>"},
        {"headers": {"X-One": "a\r\nX-Two: b"}},
        {"headers": {"X One": "a"}},
        {"headers": {"X-One": "a\0"}},
        {"reply_to": "a\n<a@b.example>"},
    ],
)
def test_line_breaks_in_headers_are_refused(values):
    texts = {"subject": "s", "html": "", "text": "x", "sender": SENDER}
    with pytest.raises((BadHeader, ValueError)):
        compile_content(Content(**{**texts, **values}))


def test_names_and_subjects_in_any_script_are_encoded():
    content = Content(
        "Über 日本 " * 20, "", "x", '"Coalición, Norte" <news@bücher.example>', reply_to="Ü <r@b.example>"
    )
    raw, message = render(content)
    assert str(message["Subject"]) == ("Über 日本 " * 20)
    assert message["From"].addresses[0].display_name == "Coalición, Norte"
    assert message["From"].addresses[0].addr_spec == "news@xn--bcher-kva.example"
    assert message["Reply-To"].addresses[0].addr_spec == "r@b.example"
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


def test_style_sheets_are_written_into_the_elements_and_media_queries_stay():
    html = (
        "<html><head><style>p{color:red}@media print{p{color:blue}}</style></head><body><p>{{ name }}</p></body></html>"
    )
    _, message = render(Content("s", html, "x", SENDER), name="Amina")
    assert '<p style="color: red;">Amina</p>' in text_of(message, "html")
    assert "@media print" in text_of(message, "html")


@pytest.mark.parametrize("said", ["a <script", "a <!-- b", "<style>", "</style a > b", '{ <b> } & "c"'])
def test_what_an_attribute_says_opens_no_tag_and_no_block(said):
    html = f"""<html><head><style>img {{ border: 0 }}</style></head><body><!--[if mso]><p title="x">y</p><![endif]-->
    <img alt="{escape(said)}" src="https://x.example/a.png"><p>{{{{ name }}}}</p>
    <a title="{escape(said)}" href="{{{{ link }}}}">b</a></body></html>"""
    _, message = render(Content("s", html, "x", SENDER), name="<Amina>", link="javascript:x")
    page = html5lib.parse(text_of(message, "html"), namespaceHTMLElements=False)
    assert page.find(".//img").get("alt") == page.find(".//a").get("title") == said
    assert page.find(".//p").text == "<Amina>" and page.find(".//a").get("href") == "#"
    assert '<!--[if mso]><p title="x">y</p><![endif]-->' in text_of(message, "html")


def test_bulk_mail_and_letters_carry_the_headers_that_belong_to_them():
    _, bulk = render(Content("s", "<p>x</p>", "x", SENDER, "bulk", "research"))
    _, letter = render(Content("s", "<p>x</p>", "x", SENDER, headers={"X-Kind": "receipt"}))
    assert (bulk["Precedence"], bulk["List-Id"], bulk["Auto-Submitted"]) == (
        "bulk",
        "Research <research.localhost>",
        None,
    )
    assert (letter["Precedence"], letter["Auto-Submitted"], letter["X-Kind"]) == (None, "auto-generated", "receipt")
    assert bulk.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in bulk.iter_parts()] == ["text/plain", "text/html"]
