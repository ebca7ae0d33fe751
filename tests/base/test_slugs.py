"""Addresses made of words: Latin letters and figures alone, and never one that another has."""

from crm.base import slugs


def test_an_address_keeps_the_letters_of_a_title_and_ends_with_none_of_its_gaps():
    assert slugs.of("¡Ölé! & more", 60) == "ole-more"
    assert slugs.of("Fair licensing", 5) == "fair"
    assert slugs.of("Where do you live?", 40, join="_") == "where_do_you_live"
    assert slugs.of("مرحبا", 60) == ""


def test_an_address_that_is_taken_gets_the_first_number_that_is_not():
    assert slugs.free("news", {"news-2"}) == "news"
    assert slugs.free("news", {"news", "news-2", "news-4"}) == "news-3"
    assert slugs.free("a_b", {"a_b"}, join="_") == "a_b_2"
