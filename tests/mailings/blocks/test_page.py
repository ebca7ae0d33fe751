"""Mails made of blocks: the HTML that mail programs get, the text part beside it, and what cannot get in."""

import re

import html5lib
import pytest

from crm.base import block_kinds, wall_clock
from crm.base.block_kinds import BlockField, BlockKind
from crm.base.words import one_line
from crm.delivery.compiled import Content, compile_content, inlined
from crm.delivery.merge_fields import names
from crm.extensions import db
from crm.mailings import markup, releasing, scheduling
from crm.mailings.blocks import checking
from crm.mailings.models import MailingText
from tests import factories
from tests.corpora import scripting, templates
from tests.mailings.blocks.makers import block, mail_of, make_picture
from tests.mailings.makers import make_mailing, make_people

NAMESPACE = "{http://www.w3.org/1999/xhtml}"


def elements(html: str, tag: str = "") -> list:
    return [one for one in html5lib.parse(html).iter() if not tag or one.tag == NAMESPACE + tag]


def hrefs(html: str) -> set[str]:
    return {one.get("href", "") for one in elements(html, "a")} - {"{{ unsubscribe_url }}", "{{ preferences_url }}", ""}


def sendable(mail) -> bool:
    return bool(compile_content(Content(mail.subject, mail.html, mail.text, "news@bridgeway.example", "bulk")))


def everything() -> list[dict]:
    """One block of each kind."""
    left = [block("heading", text="Left", level="2"), block("image", picture=make_picture().public_id, alt="A march")]
    right = [block("text", html="<p>Right</p>"), block("button", text="Go", url="https://b.example/?a=1&b=2")]
    return [
        block("heading", text='Dear {{ first_name | default: "friend" }}', level="1"),
        block("text", html='<p>See https://a.example/x. <a href="{{ share_url }}">Share</a></p><ul><li>one</li></ul>'),
        block("quote", text="It works.\nTruly.", by="Ada"),
        block("columns", columns=[left, right]),
        block("divider"),
    ]


def test_every_kind_stands_in_both_parts_with_the_same_links(app):
    mail = mail_of(*everything(), subject='{{ first_name | default: "You" }}, look', preheader="In short")
    assert mail.faults == [] and mail.images_without_alt == 0 and sendable(mail)
    assert mail.links == ["https://a.example/x", "https://b.example/?a=1&b=2"]
    assert hrefs(mail.html) == {*mail.links, "{{ share_url }}"}
    assert all(href in mail.text for href in hrefs(mail.html))
    for words in ("Dear {{ first_name", "one", "It works.", "Ada", "Left", "A march", "Right", "Go (https://b"):
        assert words in mail.text
    assert "In short" in mail.html and len(inlined(mail.html)) < 20_000


def test_records_tell_themselves_in_as_few_words_as_they_like(app, monkeypatch):
    told = [block("quote", text="Said"), block("image", picture=make_picture().public_id, alt="Seen"), block("button")]
    fields = [BlockField("record", "Which", "choice", lambda: [("1", "One"), ("2", "Gone")])]
    kind = BlockKind("Record", fields, 90, lambda values, language: told if values["record"] == "1" else [])
    monkeypatch.setitem(block_kinds.blocks._entries, "record", kind)
    mail = mail_of(block("record", record="1"), block("columns", columns=[[block("record", record="1")], []]))
    assert mail.faults == [] and mail.text.count("Said") == 2 and mail.html.count("Seen") == 2
    gone = mail_of(block("divider"), block("record", record="2"))
    assert gone.faults == ["Block 2 shows something that is no longer there. Remove it, or choose another."]


@pytest.mark.parametrize("title", ["Dear {{ first_name }}", "{{{share_url}}}", "{ {{first_name}} }", "{{{{", "}}"])
def test_braces_in_what_a_record_is_called_fill_nothing_in(app, monkeypatch, title):
    told = [block("heading", text=title, level="2"), block("text", html=f"<p>{title}</p>")]
    kind = BlockKind("Record", [BlockField("record", "Which", "choice", lambda: [("1", "One")])], 90, lambda *_: told)
    monkeypatch.setitem(block_kinds.blocks._entries, "record", kind)
    mail = mail_of(block("record", record="1"))
    assert mail.faults == [] and sendable(mail)
    assert "first_name" not in names(mail.html + mail.text) and "share_url" not in names(mail.html + mail.text)


def test_links_are_rewritten_in_both_parts(app):
    mail = mail_of(*everything(), rewrite=lambda url: "https://crm.example/c/1")
    assert hrefs(mail.html) == {"https://crm.example/c/1", "{{ share_url }}"}
    assert "https://a.example" not in mail.text and mail.text.count("https://crm.example/c/1") == 2


def test_what_outlook_needs_and_dark_screens_outlive_the_inlining(app):
    page = inlined(mail_of(*everything()).html)
    assert "<!--[if mso" in page and "@media (prefers-color-scheme:dark)" in page
    assert "[data-ogsc] .ink a" in page and "[data-ogsb] .paper" in page
    assert page.count("mso-table-lspace") == 1


@pytest.mark.parametrize("alt", ["How to write <script", "<!-- a march", "a > b", "</style>"])
def test_the_description_of_an_image_may_hold_any_signs(app, alt):
    mail = mail_of(block("image", picture=make_picture().public_id, alt=alt), block("text", html="{{ first_name }}"))
    assert mail.faults == [] and sendable(mail) and alt in mail.text
    assert [image.get("alt") for image in elements(inlined(mail.html), "img")] == [alt]


def test_a_mail_asks_no_third_party_for_anything(app):
    page = inlined(mail_of(*everything()).html)
    assert "url(" not in page and "@import" not in page and "<link" not in page
    assert all(image.get("src").startswith("http://crm.example/pictures/") for image in elements(page, "img"))


def test_arabic_runs_from_right_to_left(app):
    page = mail_of(*everything(), language="ar").html
    assert '<html lang="ar" dir="rtl"' in page
    assert "direction:ltr" not in page and "text-align:left" not in page and 'align="left"' not in page
    assert "إلغاء" in page


@pytest.mark.parametrize("name", ["share_url", "unsubscribe_url"])
def test_a_link_field_can_be_where_a_button_leads(app, name):
    mail = mail_of(block("button", text="Share", url=f"{{{{ {name} }}}}"))
    assert f'href="{{{{ {name} }}}}"' in mail.html and f"Share ({{{{ {name} }}}})" in mail.text
    assert mail.faults == [] and sendable(mail)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (block("text", html='<p dir="{{ city }}">x</p>'), "no merge field can"),
        (block("text", html='<a href="https://x.example/?n={{ city }}">x</a>'), "stands inside a link"),
        (block("text", html='<a href="{{ first_name }}">x</a>'), "stands inside a link"),
        (block("text", html='<a href="/relative">x</a>'), "no full web address"),
        (block("button", text="x", url="javascript:alert(1)"), "no full web address"),
        (block("button", text="x", url="https://x.example/{{ city }}"), "cannot be a link"),
        (block("button", text="", url="https://x.example"), "Words is empty"),
    ],
)
def test_what_cannot_be_sent_is_told_and_left_out(app, one, words):
    mail = mail_of(one)
    assert len(mail.faults) == 1 and words in mail.faults[0]
    assert hrefs(mail.html) == set() and "javascript" not in mail.html


def test_a_field_in_a_description_is_told(app):
    mail = mail_of(block("image", picture=make_picture().public_id, alt="{{ city }}"))
    assert mail.faults == ["Block 1 (Image): A description cannot hold a merge field. Write it out."]


def test_a_picture_that_is_gone_is_told(app):
    assert mail_of(block("image", picture="0" * 32)).faults == [
        "Block 1 (Image): The picture is no longer there. Choose another."
    ]


def test_images_without_description_count_unless_they_only_decorate(app):
    one = make_picture().public_id
    bare, pretty = block("image", picture=one), block("image", picture=one, decorative=True)
    mail = mail_of(bare, pretty, block("image", picture=one, alt="A march", url="https://x.example"))
    assert mail.images_without_alt == 1
    assert [image.get("alt") for image in elements(mail.html, "img")] == ["", "", "A march"]
    assert "A march (https://x.example)" in mail.text and mail.links == ["https://x.example"]


def test_half_a_column_gets_the_smaller_file(app):
    wide, tiny = make_picture(), make_picture(80, 40)
    column = [block("image", picture=wide.public_id, alt="x"), block("image", picture=tiny.public_id, alt="x")]
    mail = mail_of(block("image", picture=wide.public_id, alt="x"), block("columns", columns=[column, []]))
    shown = [(image.get("src").rpartition("/")[2], image.get("width")) for image in elements(mail.html, "img")]
    ids = wide.public_id, wide.public_id, tiny.public_id
    assert shown == [(f"{ids[0]}.jpg", "576"), (f"{ids[1]}-small.jpg", "276"), (f"{ids[2]}.jpg", "80")]


def test_words_cannot_be_instructions(app):
    evil = '</mj-text><mj-raw><script>alert(1)</script></mj-raw><mj-include path="/etc/passwd" />'
    fields = ("heading", {"text": evil, "level": "1"}), ("quote", {"text": evil, "by": evil})
    blocks = [block(kind, **values) for kind, values in fields]
    blocks += [block("button", text=evil, url="https://x.example/?" + "%22%3E"), block("text", html=evil)]
    page = mail_of(*blocks, subject=evil, preheader=evil).html
    assert elements(page, "script") == [] and "root:" not in page
    assert not any("mj-" in str(one.tag) for one in elements(page))


def test_no_scripting_vector_survives_in_any_field(app):
    picture = make_picture().public_id
    for vector in scripting.VECTORS:
        image = block("image", picture=picture, alt=vector, url=vector)
        blocks = [block("heading", text=vector, level="1"), block("text", html=vector), image]
        blocks += [block("button", text=vector, url=vector), block("quote", text=vector, by=vector)]
        page = mail_of(*blocks, subject=one_line(vector[:200]), preheader="x").html
        for one in elements(page):
            if isinstance(one.tag, str):
                assert one.tag.removeprefix(NAMESPACE) not in {"script", "svg", "iframe", "input", "video"}, vector
                assert not any(str(name).startswith("on") for name in one.attrib), vector
                assert not re.match(r"\s*(java|vb)script:|data:", one.get("href", ""), re.IGNORECASE), vector


def test_foreign_templates_stay_text_or_are_refused(app):
    for payload in templates.PAYLOADS[::10]:
        mail = mail_of(block("heading", text=payload, level="1"), block("text", html=markup.html.escape(payload)))
        try:
            compiled = compile_content(Content("x", mail.html, mail.text, "news@bridgeway.example"))
        except ValueError:
            continue
        assert templates.PRODUCT.encode() not in compiled.render(b"", {}), payload


def test_a_usual_newsletter_is_small(app):
    picture = make_picture().public_id
    story = [block("heading", text="What happened in the statehouse", level="2"), block("text", html="<p>Word</p>" * 8)]
    story += [block("image", picture=picture, alt="x"), block("button", text="Read it", url="https://x.example/a")]
    page = inlined(mail_of(*story * 15).html)
    assert len(page.encode()) < 60_000


def test_a_mailing_of_blocks_goes_out_in_two_languages(app, deliver):
    people = make_people(1, email="en@mail.example", first_name="Eve") + make_people(
        1, language="es", email="es@mail.example", first_name="Eva"
    )
    mailing = make_mailing()
    mailing.markup, mailing.body = "blocks", "written in blocks"
    mailing.blocks = checking.cleaned(everything())
    hello = checking.cleaned([block("text", html="<p>Hola {{ first_name }}</p>")])
    told = {"language": "es", "subject": "Hola", "preheader": "Qué", "body": mailing.body, "markup": "blocks"}
    mailing.texts.append(MailingText(**told, blocks=hello))
    db.session.commit()
    scheduling.schedule(mailing, wall_clock.at(factories.clock.now(), "UTC"))
    db.session.commit()
    assert releasing.release(mailing.id) and releasing.freeze(mailing.id) == len(people)
    db.session.commit()
    mails = {mail.recipient: mail for mail in deliver()}
    assert "Dear Eve" in mails["en@mail.example"].text and "Hola Eva" in mails["es@mail.example"].text
