"""Rich text for those without scripts: from the HTML that is kept to Markdown in a plain field, and back."""

import re

from markdown_it import MarkdownIt
from markdownify import markdownify

from crm.delivery import merge_fields

_reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")
# Markdownify escapes what could mean something in Markdown; in the braces of a merge field nothing does.
ESCAPED = re.compile(r"\\([_*|\"'])")


def as_markdown(rich: str) -> str:
    """Return the rich text as one writes it in a plain field."""
    text = markdownify(rich, heading_style="ATX", bullets="-", strong_em_symbol="*", newline_style="backslash").strip()
    text = re.sub(r"\\\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", merge_fields.sub(lambda match: ESCAPED.sub(r"\1", match[0]), text))


def as_rich(typed: str, was: str = "") -> str:
    """Return the HTML of what was typed; `was` itself where nothing was changed, so that nothing of it is lost."""
    text = typed.replace("\r\n", "\n").strip()
    return was if was and text == as_markdown(was) else str(_reader.render(text)).strip()
