"""Rich text as a tree: what pages show of it, and nothing else."""

from crm.base import rich_tree


def test_elements_lie_within_each_other_as_on_the_page():
    typed = "## Why\n\n3. **one**\n   - *two*\n\n[here](https://example.org) [not](javascript:x) <script>x</script>"
    heading, numbered, last = rich_tree.tree(typed)
    assert heading == {"tag": "h2", "kids": ["Why"]}
    (item,) = numbered["kids"]
    assert numbered["start"] == 3 and item["kids"][0] == {"tag": "strong", "kids": ["one"]}
    assert item["kids"][-1]["kids"] == [{"tag": "li", "kids": [{"tag": "em", "kids": ["two"]}]}]
    assert last["kids"][0]["href"] == "https://example.org"
    assert "<script>" in "".join(kid for kid in last["kids"] if isinstance(kid, str))  # as words


def test_what_lies_too_deep_stands_with_what_holds_it():
    def depth(node):
        return 0 if isinstance(node, str) else 1 + max(map(depth, node["kids"]), default=0)

    typed = "".join(f"{'  ' * deep}- {deep}\n" for deep in range(9)) + "\nafter"
    *_, last = tree = rich_tree.tree(typed)
    assert max(map(depth, tree)) <= rich_tree.DEEPEST and last == {"tag": "p", "kids": ["after"]}


def test_words_that_no_line_holds_may_be_broken():
    assert rich_tree.breakable("a" * 40) == f"{'a' * 15}\u200b{'a' * 15}\u200b{'a' * 10}"
    assert rich_tree.breakable("words of some length") == "words of some length"
