"""Lists of blocks: added to, moved around, into and out of columns."""

import pytest

from crm.mailings.blocks.checking import MOST_BLOCKS
from crm.mailings.composer import block_form, tree
from crm.mailings.composer.tree import Impossible

pytestmark = pytest.mark.usefixtures("app")


def three():
    made = [tree.new("heading"), tree.new("columns"), tree.new("text")]
    made[1]["columns"][0] = [tree.new("button")]
    return made


def shape(blocks):
    return [
        [shape(one) for one in block["columns"]] if block["kind"] == "columns" else block["kind"] for block in blocks
    ]


@pytest.mark.parametrize(
    ("do", "after"),
    [
        ("add:b:1:quote", ["heading", "quote", [["button"], []], "text"]),
        ("add:b.1.1:0:image", ["heading", [["button"], ["image"]], "text"]),
        ("remove:0", [[["button"], []], "text"]),
        ("remove:1.0.0", ["heading", [[], []], "text"]),
        ("duplicate:1", ["heading", [["button"], []], [["button"], []], "text"]),
        ("move:2:b:0", ["text", "heading", [["button"], []]]),
        ("move:0:b:1", [[["button"], []], "heading", "text"]),
        ("move:0:b.1.0:999", [[["button", "heading"], []], "text"]),
        ("move:1.0.0:b:2", ["heading", [[], []], "button", "text"]),
        ("move:1.0.0:b.1.1:0", ["heading", [[], ["button"]], "text"]),
    ],
)
def test_each_button_changes_the_list(do, after):
    blocks = three()
    changed = block_form.apply(blocks, do)
    assert shape(blocks) == after
    assert changed.words


@pytest.mark.parametrize(
    "do",
    [
        "",
        "add:b:0:nothing",
        "add:b.0.0:0:text",
        "add:b.1.7:0:text",
        "add:b.1.0:0:columns",
        "duplicate:9",
        "remove:1.0.5",
        "remove:__class__",
        "move:1:b.1.0:0",
        "move:0:b.9.9:0",
        "move:-1:b:0",
        "restore",
    ],
)
def test_a_button_that_makes_no_sense_changes_nothing(do):
    blocks = three()
    before = shape(blocks)
    block_form.apply(blocks, do)
    assert shape(blocks) == before


def test_what_was_removed_comes_back_where_it_was():
    blocks = three()
    blocks[0]["text"] = "Kept words"
    removed = block_form.apply(blocks, "remove:0")
    assert removed.focus == blocks[0]["id"]
    block_form.apply(blocks, "restore", removed.gone)
    assert blocks[0]["text"] == "Kept words"
    assert shape(blocks) == ["heading", [["button"], []], "text"]


@pytest.mark.parametrize("gone", ["", "null", "[1]", '["b", 0, {"kind": "nothing"}]', '["b", {}, []]', "{"])
def test_what_cannot_be_brought_back_says_so(gone):
    blocks = three()
    assert "brought back" in block_form.apply(blocks, "restore", gone).words or len(blocks) == 3


def test_a_copy_has_ids_of_its_own():
    blocks = three()
    block_form.apply(blocks, "duplicate:1")
    assert blocks[1]["id"] != blocks[2]["id"]
    assert blocks[1]["columns"][0][0]["id"] != blocks[2]["columns"][0][0]["id"]


def test_there_is_an_end_to_what_a_mailing_can_hold():
    blocks = [tree.new("divider") for _ in range(MOST_BLOCKS)]
    with pytest.raises(Impossible, match="Remove one first"):
        tree.add(blocks, "b", 0, "text")
    assert "Remove one first" in block_form.apply(blocks, "duplicate:0").words
