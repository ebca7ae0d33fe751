"""What forbids sending, and what is only advice."""

import pytest

from crm.delivery import suppression
from crm.extensions import db
from crm.mailings import audience, checks, composing, identity, rendering
from crm.organizations import coalition
from tests.corpora import templates
from tests.mailings.makers import make_mailing, make_people, make_segment
from tests.mailings.test_reach import send


def look(mailing):
    return checks.look(mailing, audience.reach(mailing))


def faults(mailing):
    return [check.text for check in look(mailing) if check.forbids and not check.passed]


def test_a_good_mailing_passes_everything(app):
    make_people(1)
    assert [check.text for check in look(make_mailing()) if not check.passed] == []


@pytest.mark.parametrize("alt", ["How to write <script", "<!-- a march"])
def test_the_description_of_an_image_may_hold_any_signs(app, alt):
    make_people(1)
    assert faults(make_mailing(body=f"![{alt}](https://x.example/a.png)")) == []


def test_an_empty_draft_says_what_is_missing(app):
    make_people(1)
    found = " ".join(faults(make_mailing(subject="", body="  ")))
    assert "no subject" in found
    assert "no body" in found


def test_a_field_without_default_names_how_many_people_it_leaves_empty(app):
    make_people(2, city="")
    make_people(1, city="Toledo")
    assert "2 recipients have no city" in faults(make_mailing(body="You in {{ city }}"))[0]
    assert faults(make_mailing(body='You in {{ city | default: "Ohio" }}')) == []
    assert faults(make_mailing(subject="News for {{ city }}", body='{{ city | default: "x" }}')) != []


def test_names_of_blanks_alone_count_as_empty(app):
    make_people(1, first_name="  ", last_name=" ")
    assert "1 recipient has no full name" in faults(make_mailing(body="Dear {{ full_name }}"))[0]


def test_an_unknown_field_is_named(app):
    make_people(1)
    for body in ("{{ frist_name }}", "{{ first_name | upper }}", "{{ first_name", "{{}}"):
        assert any("{{" in fault and "not a merge field" in fault for fault in faults(make_mailing(body=body))), body
    assert "{{ nick }}" in faults(make_mailing(subject="Hi {{ nick }}"))[0]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('![Map](https://x.example/a.png "{{ NAME }}")', "{{ NAME }} stands in an image or its description"),
        ("![{{ City }}](https://x.example/a.png)", "{{ City }} stands in an image or its description"),
        ("![Map](https://x.example/{{CITY}}.png)", "{{CITY}} stands in an image or its description"),
        ("[Sign](https://x.example/{{NAME}})", "{{NAME}} stands in a link"),
        ("[Sign](https://x.example/{{NAME)", "{{NAME stands in a link"),
        ("<td colspan='{{ NAME }}'>x</td>", "{{ NAME }} stands in the colspan of a <td>"),
    ],
)
def test_what_could_not_be_compiled_is_refused_with_its_place(app, body, words):
    make_people(1)
    mailing = make_mailing(body=body, markup="html" if body.startswith("<") else "markdown")
    if body.startswith("<"):
        mailing.body = f"<table><tr>{body}</tr></table>"
    assert [fault for fault in faults(mailing) if words in fault]
    assert checks.unsendable(rendering.render(mailing, identity.current()), identity.current())


def test_whatever_else_the_mail_cannot_be_made_of_is_said_before_it_is_sent(app, monkeypatch):
    make_people(1)
    mailing = make_mailing()
    monkeypatch.setattr(rendering.merge_fields, "unresolved", lambda text, known: [])
    mailing.subject = "Two\nlines"
    assert [fault for fault in faults(mailing) if fault.startswith("The subject cannot be sent so")]
    mailing.subject, mailing.body = "x", "{{ first_name | upper }}"
    assert [fault for fault in faults(mailing) if fault.startswith("The body cannot be sent so")]


def test_the_subject_cannot_hold_a_link_field(app):
    make_people(1)
    assert "is a link" in faults(make_mailing(subject="{{ share_url }}"))[0]


def test_no_template_is_ever_run(app):
    make_people(1)
    for payload in templates.PAYLOADS:
        mailing = make_mailing(subject="x", body=payload)
        mail = rendering.render(mailing, identity.current())
        assert templates.PRODUCT not in mail.html + mail.text, payload
        assert "only-for-tests" not in mail.html + mail.text
        if "{{" in payload:
            assert faults(mailing), payload
        db.session.rollback()


@pytest.mark.parametrize(("name", "words"), [("postal_address", "postal address"), ("sender_email", "sender address")])
def test_a_missing_postal_address_or_sender_forbids_sending(app, name, words):
    make_people(1)
    setattr(coalition.current(), name, "")
    db.session.commit()
    assert words in faults(make_mailing())[0]


def test_a_sender_that_breaks_a_header_forbids_sending(app):
    make_people(1)
    coalition.current().sender_email = "a@b.example\r\nBcc: eve@evil.example"
    db.session.commit()
    assert faults(make_mailing())


def test_nobody_and_a_deleted_segment_forbid_sending(app):
    assert "Nobody would get it" in faults(make_mailing())[0]
    segment = make_segment()
    mailing = make_mailing(audience={"people": "topic", "segment": segment.id})
    assert "Nobody would get it: nobody is in the segment Ohio." in faults(mailing)[0]
    db.session.delete(segment)
    db.session.commit()
    assert "was deleted" in faults(mailing)[0]


def test_a_mail_that_gmail_would_cut_off_is_not_sent(app):
    make_people(1)
    mailing = make_mailing(body="lorem ipsum " * 12000)
    with pytest.raises(checks.NotReady, match="102 kB"):
        checks.require(mailing)


def test_the_size_that_is_measured_is_that_of_the_mail_as_it_arrives(app, sink, deliver):
    (person,) = make_people(1)
    links = [f"[sign {number}](https://x.example/{number})" for number in range(2000)]
    fitting, tried = 700, make_mailing(body="")
    while not any("102 kB" in fault for fault in faults(tried)):
        fitting += 5
        tried.body = "\n\n".join(links[: fitting + 5])
    typed = rendering.render(tried, identity.current())
    assert len(typed.html.encode()) < 0.9 * checks.CLIPPED_OVER, "counted links are longer than what is typed"
    send(make_mailing(body="\n\n".join(links[:fitting])), deliver)
    arrived = len(sink[person.email].html.encode())
    assert checks.CLIPPED_OVER - 1500 < arrived <= checks.CLIPPED_OVER


def test_advice_does_not_forbid(app):
    make_people(1)
    mailing = make_mailing(subject="x" * 90, preheader="", body="![](https://x.example/a.png)")
    advice = [check.place for check in look(mailing) if not check.passed]
    assert sorted(advice) == ["body", "body", "preheader", "subject"]
    checks.require(mailing)


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\x00", "\t"])
def test_a_subject_stays_on_one_line(app, sign):
    mailing = make_mailing(subject=f"Hello{sign}Bcc: eve@evil.example")
    assert mailing.subject in {"Hello Bcc: eve@evil.example", "HelloBcc: eve@evil.example"}


def test_a_mailing_of_unknown_kind_or_of_five_megabytes_is_refused(app):
    with pytest.raises(composing.BadMailing, match="Choose one of"):
        make_mailing(kind="spam")
    with pytest.raises(composing.BadMailing, match="Shorten"):
        make_mailing(body="x" * 5_000_000)


def test_a_mailing_whose_recipients_are_all_blocked_cannot_be_scheduled(app):
    (person,) = make_people(1)
    mailing = make_mailing()
    checks.require(mailing)
    suppression.suppress(person.email, "hard_bounce")
    db.session.commit()
    with pytest.raises(checks.NotReady, match="Nobody would get it"):
        checks.require(mailing)
