"""Rich text that staff type as Markdown: kept as typed, and made safe HTML whenever it is shown."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

MOST_CHARACTERS = 20_000
TAGS = {"a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "s", "strong", "ul"}
HELP = "Markdown: an empty line begins a paragraph; **bold**, *italic*, [a link](https://…), - a list."
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")


def html(typed: str) -> Markup:
    """Return the safe HTML of a text; headings begin at the second level, and no HTML of its own stays."""
    made = _markdown.render(typed.replace("\r\n", "\n")).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    safe = nh3.clean(made, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto", "tel"})
    return Markup(safe)  # noqa: S704  Cleaned by nh3.
