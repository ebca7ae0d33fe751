"""The text of a resource's own page: Markdown, made safe."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {"a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "strong", "ul"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td", "s"}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def shown(source: str) -> Markup:
    """Return the safe HTML of a text; headings begin at the second level, below that of the page."""
    raw = _markdown.render(source).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    safe = nh3.clean(
        raw, tags=TAGS, attributes=ATTRIBUTES, link_rel="noreferrer", url_schemes={"http", "https", "mailto"}
    )
    return Markup(safe)  # noqa: S704  Cleaned just now.
