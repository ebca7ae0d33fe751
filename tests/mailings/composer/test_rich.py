"""Rich text in a plain field, and back."""

import pytest

from crm.mailings.composer import rich

KEPT = [
    "<p>Dear {{ first_name | default: &quot;friend&quot; }},</p>",
    '<p><strong>Now</strong> and <em>then</em> <a href="https://a.example/x_y?a=1&amp;b=2">go_there</a></p>',
    "<ul>\n<li>one</li>\n<li>two</li>\n</ul>",
    "<ol>\n<li>one</li>\n<li>two</li>\n</ol>",
]


@pytest.mark.parametrize("html", KEPT)
def test_what_staff_use_survives_the_way_there_and_back(html):
    assert rich.as_rich(rich.as_markdown(html)) == html


def test_merge_fields_are_typed_as_they_are_read():
    html = "<p>Dear {{ first_name | default: &quot;friend&quot; }}</p>"
    assert rich.as_markdown(html) == 'Dear {{ first_name | default: "friend" }}'


def test_what_nobody_changed_loses_nothing():
    html = '<p dir="rtl">x</p><div>A<br><br>B <del>gone</del></div>'
    assert rich.as_rich(rich.as_markdown(html), html) == html
    assert rich.as_rich("Other words", html) == "<p>Other words</p>"


def test_typed_html_is_text():
    assert rich.as_rich("<script>alert(1)</script>") == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
