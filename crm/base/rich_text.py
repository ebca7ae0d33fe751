"""Rich text that staff type as Markdown: kept as typed, and made safe HTML whenever it is shown."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

MOST_CHARACTERS = 20_000
TAGS = {"a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "s", "strong", "ul"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}
HIGHEST, LOWEST = 2, 4  # levels of headings: the first is the page's own
_reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["strikethrough", "table"])


def html(typed: str) -> Markup:
    """Return the safe HTML of a text; its highest heading stands at the second level, and no HTML of its own stays."""
    tokens = _reader.parse(typed.replace("\r\n", "\n"))
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    levels = [int(token.tag[1]) for token in headings]
    for token, level in zip(headings, levels, strict=True):
        token.tag = f"h{min(level - min(levels) + HIGHEST, LOWEST)}"
    made = _reader.renderer.render(tokens, _reader.options, {})
    return Markup(nh3.clean(made, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES))  # noqa: S704
