"""Links from page to page of a list repeat what the address asks for, whatever it says."""

import pytest

from tests.site.pages.makers import make_page

HOSTILE = ["endpoint=x", "_method=POST", "_scheme=javascript&_external=1", "_anchor=here"]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_no_argument_of_an_address_is_taken_for_a_word_of_ours(app, client):
    for number in range(21):
        make_page("post", slug=f"post-{number}", title=f"Post {number}", shown=True)
    for query in HOSTILE:
        text = client.page(f"/news/?utm_source=card&{query}").text
        following = text.split('rel="next"')[0].rpartition('href="')[2]
        assert following.startswith("?utm_source=card&amp;") and "page=2" in following, query
