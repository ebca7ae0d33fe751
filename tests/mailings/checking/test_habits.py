"""What is hard to read or looks like spam is told, and what is not is left in peace."""

import pytest

from crm.mailings import identity, rendering
from crm.mailings.checking import habits
from crm.mailings.legibility import contrast
from crm.mailings.models import Mailing

GOOD = "Dear friend, the hearing on licensing is on Tuesday, and we want you to be there with all of your colleagues."


def advice(subject="The hearing is on Tuesday", html=f"<p>{GOOD}</p>", text=GOOD):
    said, mail = Mailing(subject=subject), rendering.Rendered(subject, f"<html><body>{html}</body></html>", text)
    return [check.text for check in habits.look(said, mail) if not check.passed]


def test_a_plain_mail_passes():
    assert advice() == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"subject": "ACT NOW FOR LICENSING"}, "in capitals"),
        ({"subject": "Act now!!"}, "several exclamation marks"),
        ({"subject": "Re: our meeting"}, "pretends to be an answer"),
        ({"subject": "FWD: news"}, "pretends to be an answer"),
        ({"text": GOOD + "!!!"}, "many exclamation marks"),
        ({"text": "Yes! " * 9 + GOOD}, "many exclamation marks"),
        ({"html": '<a href="https://evil.example/x">https://bank.example/login</a>'}, "leads to evil.example"),
        ({"html": '<a href="https://evil.example/x">www.bank.example</a>'}, "leads to evil.example"),
        ({"html": '<a href="https://bit.ly/3abc">our page</a>'}, "hides where it leads"),
        ({"html": '<a href="http://93.184.215.14/">our page</a>'}, "a number and no name"),
        ({"html": '<img src="https://x.example/a.png" alt="Come">', "text": "Come"}, "made of pictures"),
        ({"html": '<p style="font-size: 72px">Big</p>'}, "letters of 72 px"),
        ({"html": '<div style="font-size: 40px"><b style="font-size: 2em">Big</b></div>'}, "letters of 80 px"),
        ({"text": ""}, "text part is empty"),
        ({"html": '<p style="color: #999">Grey</p>'}, "“Grey” is hard to read"),
        ({"html": '<td bgcolor="#0B5C6B"><a style="color:#000">Dark</a></td>'}, "“Dark” is hard to read"),
        ({"html": '<p style="color:rgb(200, 200, 200)">Pale</p>'}, "“Pale” is hard to read"),
        ({"html": '<p style="background: white; color: white">Ghost</p>'}, "contrast of 1.0"),
    ],
)
def test_what_looks_like_spam_or_is_hard_to_read_is_told(app, values, words):
    found = advice(**values)
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize(
    "values",
    [
        {"subject": "AANM in WA"},
        {"subject": "Vote!"},
        {"subject": "للتصويت في الانتخابات"},
        {"subject": "{{ FIRST_NAMES_IN_CAPITALS }} news"},
        {"html": '<a href="https://www.bank.example/x">bank.example</a>'},
        {"html": '<a href="https://bank.example/x">Read it at the bank</a>'},
        {"html": '<a href="mailto:us@bank.example">us@bank.example</a>'},
        {"html": '<a href="{{ share_url }}">bank.example</a>'},
        {"html": '<p style="color: #767676">Just enough</p>'},
        {"html": '<h1 style="font-size: 30px; color: #949494">Large</h1>'},
        {"html": '<div style="display: none; color: #FFF">the preheader</div>'},
        {"html": '<div style="background-image: url(x.png); color: #FFF">on a picture</div>'},
        {"html": "<style>p { color: #FFF }</style><title>x</title>"},
        {"html": '<td style="background-color:#0B5C6B"><a style="color:#FFFFFF">Button</a></td>'},
        {"html": '<p style="font-size: .; color: nonsense; background: none">Odd</p>'},
        {"html": "<p>One<br>two<p>three</div></span><b>four"},
    ],
)
def test_what_is_fine_is_left_in_peace(values):
    assert advice(**values) == []


def test_the_contrast_is_that_of_the_standard():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((0x76, 0x76, 0x76), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)
    assert contrast((255, 0, 0), (255, 255, 255)) == pytest.approx(4.0, abs=0.01)


def test_our_own_layout_passes_in_every_language(app):
    for language in ("en", "es", "ar"):
        mailing = Mailing(subject="News", body=f"# News\n\n{GOOD}\n\n[button: Go](https://x.example/)\n\n> Yes")
        mailing.language, mailing.markup, mailing.preheader = language, "markdown", "Read on"
        mail = rendering.render(mailing, identity.current())
        assert [check.text for check in habits.look(mailing, mail) if not check.passed] == []
