"""The texts of actions: written by staff as Markdown, shown as HTML of a few elements."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")
# Headings begin below the page's own.
LOWER = str.maketrans("123456", "234566")
TAGS = {"p", "br", "strong", "em", "s", "ul", "ol", "li", "a", "blockquote", "h2", "h3", "h4", "hr"}
SCHEMES = {"http", "https", "mailto", "tel"}


def rich(written: str) -> Markup:
    """Return the text as safe HTML."""
    return Markup(nh3.clean(_lowered(written), tags=TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES))  # noqa: S704


def _lowered(written: str) -> str:
    tokens = _reader.parse(written)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = token.tag.translate(LOWER)
    return str(_reader.renderer.render(tokens, _reader.options, {}))
