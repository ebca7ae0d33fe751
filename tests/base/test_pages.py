"""Pages of a list: one that there is not becomes the last one that there is."""

from crm.base.pages import cut


def test_a_page_past_the_end_or_before_the_start_becomes_one_that_there_is():
    rows = list(range(45))
    found = {number: cut(lambda start, stop: rows[start:stop], 45, number, per_page=20) for number in (-1, 2, 99)}
    assert {number: (page.page, page.rows[0], len(page.rows)) for number, page in found.items()} == {
        -1: (1, 0, 20),
        2: (2, 20, 20),
        99: (3, 40, 5),
    }
    assert cut(lambda start, stop: [], 0, 7).page == 1
