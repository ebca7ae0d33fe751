"""What a new mailing of each kind begins with: blocks with words to be replaced, in each of our languages."""

from collections.abc import Callable
from typing import Any

from crm.base.block_kinds import blocks, made
from crm.mailings.blocks.starter_words import HELLO, WORDS

Block = dict[str, Any]
Said = Callable[[str], str]


def blocks_for(kind: str, language: str) -> list[Block]:
    """Return the blocks that a mailing of that kind begins with; those of records that there are none of are left out.

    Words in square brackets that end in … are to be replaced; while one is left, a mailing is not sent.
    """
    words = WORDS[language][kind]
    return [block for block in BEGINNINGS[kind](words.__getitem__) if _offered(block)]


def step() -> list[Block]:
    """Return the blocks that a step of a sequence begins with, in English."""
    words = "[What you want to say, in two or three sentences…]"
    return [made("heading", text="[What this letter is about, in one line…]", level="1"), _text(HELLO["en"], words)]


def _call_to_action(said: Said) -> list[Block]:
    return [
        made("heading", text=said("title"), level="1"),
        _text(said("hello"), said("why")),
        made("button", text=said("button"), url=""),
        _text(said("how")),
        made("goal", goal="next"),
        made("quote", text=said("quote"), by=said("by")),
        _text(said("thanks"), said("sender")),
    ]


def _sharing_tools(said: Said) -> list[Block]:
    return [
        made("heading", text=said("title"), level="1"),
        _text(said("hello"), said("why")),
        made("button", text=said("button"), url="{{ share_url }}"),
        made("goal", goal="next"),
        made("heading", text=said("ready"), level="2"),
        _columns(
            [made("heading", text=said("short"), level="2"), _text(said("post"))],
            [made("heading", text=said("long"), level="2"), _text(said("letter"))],
        ),
        made("divider"),
        _text(said("thanks"), said("sender")),
    ]


def _thought_leadership(said: Said) -> list[Block]:
    return [
        made("heading", text=said("title"), level="1"),
        _text(said("hello"), said("claim")),
        made("image", picture="", alt="", decorative=False, url=""),
        made("heading", text=said("finding"), level="2"),
        _text(said("numbers")),
        made("quote", text=said("quote"), by=said("by")),
        made("heading", text=said("meaning"), level="2"),
        _text(said("next")),
        made("button", text=said("button"), url=""),
        _text(said("sender")),
    ]


def _newsletter(said: Said) -> list[Block]:
    return [
        made("heading", text=said("title"), level="1"),
        _text(said("hello"), said("month")),
        made("goal", goal="next"),
        made("heading", text=said("first"), level="2"),
        _text(said("story")),
        made("button", text=said("button"), url=""),
        made("divider"),
        _columns(
            [made("heading", text=said("second"), level="2"), _text(said("brief"))],
            [made("heading", text=said("dates"), level="2"), _text(said("event"))],
        ),
        _text(said("share"), said("sender")),
    ]


BEGINNINGS: dict[str, Callable[[Said], list[Block]]] = {
    "call_to_action": _call_to_action,
    "sharing_tools": _sharing_tools,
    "thought_leadership": _thought_leadership,
    "newsletter": _newsletter,
}


def _offered(block: Block) -> bool:
    kind = blocks.get(block["kind"])
    return kind is not None and all(field.choices() for field in kind.fields if field.choices)


def _text(*paragraphs: str) -> Block:
    return made("text", html="".join(f"<p>{words}</p>" for words in paragraphs))


def _columns(*sides: list[Block]) -> Block:
    return made("columns", columns=list(sides))
