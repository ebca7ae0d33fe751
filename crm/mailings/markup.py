"""From Markdown, or HTML of others, to the safe HTML and the text of a mail's body.

Merge fields are taken out first and put back last, so that neither Markdown nor the sanitizer can tear them apart. A
paragraph that is only `[button: Text](https://…)` becomes a button. Sanitizing: nh3 with the short lists below.
"""

import html
import re
import secrets
import textwrap
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import nh3
from inscriptis import get_text
from markdown_it import MarkdownIt

from crm.delivery import merge_fields
from crm.mailings import fields

TEXT_TAGS = {"a", "abbr", "b", "br", "code", "del", "em", "i", "img", "s", "span", "strong", "sub", "sup", "u"}
BLOCK_TAGS = {"blockquote", "div", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "ul"}
RICH_TAGS = (TEXT_TAGS | BLOCK_TAGS) - {"img", "h1", "hr"}
TABLE_TAGS = {"table", "tbody", "td", "tfoot", "th", "thead", "tr"}
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "*": {"dir", "lang"},
}
DROPPED_WITH_CONTENT = {"script", "style", "title", "template", "noscript", "iframe", "svg", "math"}
# Nothing is read twice, however many links only look like a button.
BUTTON = re.compile(
    r'<p>\s*+<a href="([^"]*)"([^>]*)>\s*+button:\s*+((?:[^<]|<(?!/a>|p\b))*+)</a>\s*+</p>', re.IGNORECASE
)
BARE_URL = re.compile(r"(?<!\S)(https?://[^\s<>]*[^\s<>.,;:!?)\]*_'\"])")
BARE_IN_HTML = re.compile(r"(?<![^\s>(])https?://(?:(?!&nbsp;)[^\s<>])*(?!&nbsp;)[^\s<>.,;:!?)\]*_'\"]")
WHOLE_ANCHOR = re.compile(r"(<a\b.*?</a>)", re.DOTALL)
ANCHOR = re.compile(r'<a\b[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
IMAGE = re.compile(r"<img\b[^>]*?>")
ALT = re.compile(r'\balt="([^"]*)"')
PLACES = {"a": "a link", "img": "an image or its description"}
MAX_CHARACTERS = 200_000
LONGEST_URL = 2000
SCHEMES = frozenset({"http", "https", "mailto", "tel"})

Rewrite = Callable[[str], str]
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


@dataclass
class Body:
    """A body ready to be put into the layout; `links` are its addresses in their order, `faults` say what is wrong."""

    html: str = ""
    text: str = ""
    links: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    images_without_alt: int = 0

    def leads(self, url: str, rewrite: Rewrite) -> str:
        """Return what stands for a whole address: an http(s) link is collected and rewritten, others stay."""
        if scheme_of(url) not in {"http", "https"}:
            return url
        if url not in self.links:
            self.links.append(url)
        return rewrite(url)


def compose(source: str, markup: str = "markdown", *, rewrite: Rewrite = lambda url: url) -> Body:
    """Return the body's HTML and text; `rewrite` may replace each http(s) link by another that leads there."""
    body = Body()
    kept = _Kept(source)
    raw = _from_markdown(kept.linked()) if markup == "markdown" else kept.source
    safe = _sanitize(BUTTON.sub(r'<p><a class="button" href="\1"\2>\3</a></p>', raw), _Filter(body, kept, rewrite))
    body.images_without_alt = sum(not (alt := ALT.search(tag)) or not alt[1] for tag in IMAGE.findall(safe))
    body.html = kept.put_back(safe, html.escape)
    body.text = kept.put_back(text_of(safe), str)
    return body


def clean_rich(source: str) -> str:
    """Return the rich text of a block as it is kept: the few elements that it may have, merge fields as they stood."""
    kept = _Kept(source)
    safe = _sanitize(kept.source, lambda tag, attribute, value: value, RICH_TAGS)
    return kept.put_back(safe, _escaped_once).strip()


def rich(source: str, body: Body, rewrite: Rewrite) -> str:
    """Return the safe HTML of a rich text; `body` collects its links and faults. Bare addresses become links."""
    kept = _Kept(source)
    keep = _Filter(body, kept, rewrite)
    safe = WHOLE_ANCHOR.split(_sanitize(kept.source, keep, RICH_TAGS))
    safe[::2] = [_linked(part, keep) for part in safe[::2]]  # What stands between the links that were made by hand.
    return kept.put_back("".join(safe), _escaped_once)


def _linked(safe: str, keep: "_Filter") -> str:
    def anchor(match: re.Match[str]) -> str:
        url = keep("a", "href", html.unescape(match[0]))
        return f'<a href="{html.escape(url)}">{match[0]}</a>' if url else match[0]

    def field_anchor(match: re.Match[str]) -> str:
        return f'<a href="{match[0]}">{match[0]}</a>' if keep.kept.name(match) in fields.LINKS else match[0]

    alone = rf"(?<![^\s>(]){keep.kept.pattern.pattern}(?![^\s.,;:!?)<])"
    return re.sub(alone, field_anchor, BARE_IN_HTML.sub(anchor, safe))


def _from_markdown(source: str) -> str:
    return str(_markdown.render(BARE_URL.sub(r"<\1>", source)))


def _escaped_once(typed: str) -> str:
    return html.escape(html.unescape(typed), quote=True)


def _sanitize(
    raw: str,
    keep: Callable[[str, str, str], str | None],
    tags: Collection[str] = TEXT_TAGS | BLOCK_TAGS | TABLE_TAGS,
) -> str:
    return nh3.clean(
        raw,
        tags=set(tags),
        attributes=ATTRIBUTES,
        clean_content_tags=DROPPED_WITH_CONTENT,
        allowed_classes={"a": {"button"}},
        attribute_filter=keep,
        link_rel=None,
        url_schemes=set(SCHEMES),
    )


def text_of(safe: str) -> str:
    """Return the text part of safe HTML, each link with its address."""
    with_links = ANCHOR.sub(lambda match: _link_as_text(html.unescape(match[1]), match[2]), safe)
    with_images = IMAGE.sub(lambda match: alt[1] if (alt := ALT.search(match[0])) else "", with_links)
    lines = [line.rstrip() for line in get_text(f"<div>{with_images}</div>").splitlines()]
    return re.sub(r"\n{3,}", "\n\n", textwrap.dedent("\n".join(lines))).strip("\n")


def _link_as_text(url: str, label: str) -> str:
    shown = url.removeprefix("mailto:").removeprefix("tel:")
    plain = re.sub(r"<[^>]*>", "", label).strip()
    if not plain or html.unescape(plain) == shown or plain.startswith(("http://", "https://")):
        return html.escape(shown)
    return f"{label} ({html.escape(shown)})"


class _Kept:
    """Merge fields of a source, each behind a word that nothing else contains."""

    def __init__(self, source: str) -> None:
        self._nonce = secrets.token_hex(8)
        self._typed: list[str] = []
        self.source = merge_fields.sub(self._keep, source)
        self.pattern = re.compile(rf"mf{self._nonce}n(\d+)e")

    def _keep(self, match: re.Match[str]) -> str:
        if merge_fields.read(match[1]) is None:
            return match[0]
        self._typed.append(match[0])
        return f"mf{self._nonce}n{len(self._typed) - 1}e"

    def typed(self, match: re.Match[str]) -> str:
        return self._typed[int(match[1])]

    def name(self, match: re.Match[str]) -> str:
        found = merge_fields.read(self.typed(match)[2:-2])
        return found.name if found else ""

    def linked(self) -> str:
        """Return the source with each link field that stands alone made a link, as a bare address would be."""
        alone = rf"(?<!\S){self.pattern.pattern}(?![^\s.,;:!?)])"
        return re.sub(
            alone,
            lambda match: f"[{match[0]}]({match[0]})" if self.name(match) in fields.LINKS else match[0],
            self.source,
        )

    def put_back(self, text: str, escape: Callable[[str], str]) -> str:
        return self.pattern.sub(lambda match: escape(self.typed(match)), text)


class _Filter:
    """Looks at each attribute that the sanitizer keeps: collects and rewrites links, refuses fields inside of them."""

    def __init__(self, body: Body, kept: _Kept, rewrite: Rewrite) -> None:
        self.body, self.kept, self.rewrite = body, kept, rewrite

    def __call__(self, tag: str, attribute: str, value: str) -> str | None:
        found = self.kept.pattern.search(value)
        link = tag == "a" and attribute == "href"
        if found and link:
            return self._field_link(found, value)
        if typed := self.kept.typed(found) if found else _braces_in(value):
            place = PLACES.get(tag, f"the {attribute} of a <{tag}>")
            self._fault(f"{typed} stands in {place}, where no merge field can.")
            return None
        if attribute == "src" and scheme_of(value) not in {"http", "https"}:
            self._fault(f"The image “{value[:80]}” has no full web address (https://…).")
            return None
        return self._link(value) if link else value

    def _field_link(self, found: re.Match[str], value: str) -> str | None:
        # A field that people fill in themselves could begin with javascript:, so only our own links may stand here.
        if found[0] == value and self.kept.name(found) in fields.LINKS:
            return value
        self._fault(
            f"{self.kept.typed(found)} stands inside a link. Only a link field can, and only as the whole link."
        )
        return None

    def _link(self, value: str) -> str | None:
        scheme = scheme_of(value)
        if scheme in {"mailto", "tel"}:
            return value
        if scheme not in {"http", "https"}:
            self._fault(f"The link “{value[:80]}” has no full web address (https://…).")
            return None
        if len(value) > LONGEST_URL:
            self._fault(f"The link “{value[:80]}…” is over {LONGEST_URL:,} characters long.")
            return None
        return self.body.leads(value, self.rewrite)

    def _fault(self, text: str) -> None:
        if text not in self.body.faults:
            self.body.faults.append(text)


def _braces_in(value: str) -> str:
    plain = unquote(value)  # Markdown escapes the braces of an address.
    braces = next(merge_fields.pairs(plain), None)
    return braces[0] if braces else plain[plain.find("{{") :][:20] if "{{" in plain else ""


def scheme_of(url: str) -> str | None:
    """Return the scheme of an address that names a host (or needs none), in lower case; None for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme in {"mailto", "tel"}:
        return parts.scheme
    return parts.scheme if parts.hostname and not re.search(r"[\x00-\x20\x7f\\]", url) else None
