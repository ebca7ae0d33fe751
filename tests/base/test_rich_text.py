"""Markdown of staff as safe HTML."""

from crm.base.rich_text import html


def test_headings_begin_below_that_of_the_page_and_keep_their_order():
    assert html("# A\n\n## B\n\n##### C") == "<h2>A</h2>\n<h3>B</h3>\n<h4>C</h4>\n"
    assert html("## B\n\n### C") == "<h2>B</h2>\n<h3>C</h3>\n"


def test_nothing_of_it_can_run():
    made = html("<script>alert(1)</script> [a](javascript:alert(1)) [b](https://b.example) [c](tel:+15551234)")
    assert "<script" not in made and "<a>" not in made and made.count("<a href") == 2


def test_lines_tables_and_numbers_stay_as_they_were_typed():
    made = html("One\r\ntwo\n\n3. third\n\n| a |\n|---|\n| 1 |")
    assert "One<br>\ntwo" in made and '<ol start="3">' in made and "<td>1</td>" in made
