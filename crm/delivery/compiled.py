"""A message, cut into MIME segments once, so that each delivery only fills in its own values.

The hot path of sending runs through `Compiled.render`: it copies a list of byte strings, fills the gaps and joins it.
"""

import hashlib
import html as html_escapes
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from urllib.parse import quote

import css_inline

from crm.delivery import merge_fields, mime
from crm.delivery.dkim import Seal, Signer
from crm.delivery.merge_fields import BadField, Field

Values = Mapping[str, str]
Fill = Callable[[Values], bytes]
SAFE_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\"]+", re.IGNORECASE)
OPEN_ATTRIBUTE = re.compile(r"<[a-z][^<>]*?\s([a-z-]+)\s*=\s*(\"[^\"<>]*|'[^'<>]*)\Z", re.IGNORECASE | re.DOTALL)
OPEN_TAG = re.compile(r"<[^<>]*\Z")
OPEN_BLOCK = re.compile(r"<(style|script)\b(?!.*</\1)|<!--(?!.*-->)", re.IGNORECASE | re.DOTALL)
OPEN_LINK = re.compile(r"https?://\S*\Z", re.IGNORECASE)
# Of HTML as css_inline writes it: what is kept as it stands, or else a tag with attributes, of which all are quoted.
KEPT_OR_TAG = re.compile(
    r"<!--.*?-->|<(style|script)[\s>].*?</\1>|(?P<tag><[a-z][^\"<>]*(?:\"[^\"]*\"[^\"<>]*)+>)",
    re.IGNORECASE | re.DOTALL,
)
QUOTED = re.compile(r'"[^"]*"')
LINK_ATTRIBUTES = frozenset({"href", "src", "action", "background"})
OWN_HEADERS = {
    *("from", "sender", "to", "cc", "bcc", "subject", "date", "message-id", "reply-to", "mime-version", "precedence"),
    *("content-type", "content-transfer-encoding", "dkim-signature", "list-id", "list-help"),
    *("list-owner", "list-post", "list-unsubscribe", "list-unsubscribe-post"),
}
# An encoded word in it would be no id any more (RFC 5322 §3.6.4).
MESSAGE_IDS = {"in-reply-to", "references"}
CALENDAR = "calendar"
"""The merge value that holds a copy's calendar file, and the part that it becomes (RFC 6047 §2.4)."""
HTML_HEAD = '<!doctype html><html><head><meta charset="utf-8"></head><body>'


@dataclass(frozen=True)
class Content:
    """What a message says, before it is cut."""

    subject: str
    html: str
    text: str
    sender: str
    kind: str = "transactional"
    list_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    reply_to: str = ""
    calendar: str = ""


class Compiled:
    """The segments of a message: plain bytes, and gaps with the function that fills them.

    The head ends with the empty line, the body begins on a new line, and its last segment is the final dot.
    """

    def __init__(self, head: list[bytes | Fill], body: list[bytes | Fill], names: frozenset[str]) -> None:
        self.segments: list[bytes] = []
        self.body_begins = len(head)
        self.gaps: list[tuple[int, Fill]] = []
        self.names = names
        for part in [*head, *body]:
            if isinstance(part, bytes):
                self.segments.append(part)
            else:
                self.gaps.append((len(self.segments), part))
                self.segments.append(b"")

    def seal(self, signer: Signer, sender_domain: str) -> Seal:
        """Return what signs the copies of this message."""
        gaps = {place for place, _ in self.gaps}
        shared = [None if place in gaps else segment for place, segment in enumerate(self.segments)]
        return signer.seal(shared[: self.body_begins], shared[self.body_begins : -1], sender_domain)

    def render(self, head: bytes, values: Values, seal: Seal | None = None) -> bytes:
        """Return the message as it goes over the wire, from the first header to the final dot.

        head: the headers of this one delivery (To, Message-ID, List-Unsubscribe), each with its CRLF.
        """
        segments = self.segments.copy()
        for place, fill in self.gaps:
            segments[place] = fill(values)
        head = b"Date: " + today(int(time.time())) + b"\r\n" + head
        if seal is not None:
            head = seal.sign(head, segments) + head
        return head + b"".join(segments)


_dates: dict[int, bytes] = {}


def today(second: int) -> bytes:
    """Return the Date header's value for a second since 1970; the last one is kept."""
    date = _dates.get(second)
    if date is None:
        _dates.clear()
        date = _dates[second] = formatdate(second).replace("-0000", "+0000").encode("ascii")
    return date


def compile_content(content: Content, list_domain: str = "localhost") -> Compiled:
    """Return the segments; raises BadHeader, BadAddress or BadField for what must not be sent."""
    html = inlined(content.html)
    boundary = "=_" + hashlib.sha256((content.subject + content.text + html).encode()).hexdigest()[:24]
    head: list[bytes | Fill] = [*_headers(content, list_domain), b"MIME-Version: 1.0\r\n"]
    body: list[bytes | Fill]
    text_part, html_part = _text_segments(content.text), _html_segments(html)
    if html and content.text:
        head += [f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode()]
        body = [f"--{boundary}\r\n".encode() + _part_head("plain"), *text_part]
        body += [f"\r\n--{boundary}\r\n".encode() + _part_head("html"), *html_part]
        if content.calendar:
            body += [f"\r\n--{boundary}\r\n".encode() + _part_head("calendar", f"; method={content.calendar}")]
            body += [lambda values: mime.literal(values.get(CALENDAR, ""))]
        body += [f"\r\n--{boundary}--".encode()]
    else:
        head += [_part_head("html" if html else "plain")]
        body = html_part if html else text_part
    said = (content.subject, content.sender, content.reply_to, content.text, html)
    names = set().union(*(merge_fields.names(part) for part in said))
    return Compiled(head, [*body, b"\r\n.\r\n"], frozenset(names))


def inlined(html: str) -> str:
    """Return the HTML with the rules of its style sheets written into the elements; at-rules stay."""
    if "<style" not in html.lower():
        return html if not html or "<html" in html.lower() else f"{HTML_HEAD}{html}</body></html>"
    # It leaves < and > in attributes as they are, where they would be taken for the begin or end of a tag.
    return KEPT_OR_TAG.sub(_escaped_tag, css_inline.inline(html, keep_at_rules=True, load_remote_stylesheets=False))


def _escaped_tag(match: re.Match[str]) -> str:
    if not match["tag"]:
        return match[0]
    return QUOTED.sub(lambda value: value[0].replace("<", "&lt;").replace(">", "&gt;"), match[0])


def _headers(content: Content, list_domain: str) -> list[bytes | Fill]:
    address = mime.mailbox(content.sender)[1]
    if twice := {name for name in content.headers if name.lower() in OWN_HEADERS}:
        raise mime.BadHeader(f"the header {', '.join(sorted(twice))} is written by the program itself")
    lines: list[bytes | Fill] = [_sender(content.sender), *_subject(content.subject)]
    if content.reply_to:
        lines.append(_reply_to(content.reply_to))
    if content.kind == "bulk":
        lines += [mime.header("Precedence", "bulk"), *_list_headers(content, list_domain, address)]
    elif "auto-submitted" not in {name.lower() for name in content.headers}:
        lines.append(mime.header("Auto-Submitted", "auto-generated"))
    return [*lines, *(_own_header(*header) for header in content.headers.items())]


def _sender(sender: str) -> bytes | Fill:
    """The name may hold merge fields; the address is always ours."""
    if not merge_fields.names(sender):
        return b"From: " + mime.mailbox(sender)[0] + b"\r\n"
    name, address = sender.rpartition("<")[0], mime.mailbox(sender)[1]
    return lambda values: b"From: " + mime.named(merge_fields.fill(name, values), address) + b"\r\n"


def _reply_to(reply_to: str) -> bytes | Fill:
    """One merge field may stand for the whole of it; without a value there is no such header."""
    if not merge_fields.names(reply_to):
        return b"Reply-To: " + mime.mailbox(reply_to)[0] + b"\r\n"

    def fill(values: Values) -> bytes:
        filled = merge_fields.fill(reply_to, values)
        return b"Reply-To: " + mime.mailbox(filled)[0] + b"\r\n" if filled else b""

    return fill


def _list_headers(content: Content, list_domain: str, address: str) -> list[bytes | Fill]:
    """RFC 2369, RFC 2919. Nobody but staff posts; where there is an archive, whoever writes the message names it."""
    answers = mime.mailbox(content.reply_to)[1] if content.reply_to else address
    lines: list[bytes | Fill] = [
        mime.header("List-Help", f"<mailto:{quote(answers, safe='@')}?subject=help>", fold=False),
        mime.header("List-Owner", f"<mailto:{quote(answers, safe='@')}>", fold=False),
        mime.header("List-Post", "NO"),
    ]
    if content.list_id:
        lines.append(mime.header("List-Id", mime.list_id(content.list_id, list_domain), fold=False))
    return lines


def _own_header(name: str, value: str) -> bytes:
    # An address in angle brackets is read as it stands (RFC 2369 §2), and so must not be cut into encoded words.
    return mime.header(name, value, fold=not name.lower().startswith("list-") and name.lower() not in MESSAGE_IDS)


def _subject(subject: str) -> list[bytes | Fill]:
    if any(sign in subject for sign in "\r\n\0"):
        raise mime.BadHeader("a subject may not hold a line break")
    if not merge_fields.names(subject):
        merge_fields.split(subject)
        return [mime.header("Subject", subject)]
    pieces = merge_fields.split(subject)

    def fill(values: Values) -> bytes:
        text = "".join(piece if isinstance(piece, str) else piece.value(values) for piece in pieces)
        return b"Subject: " + mime.encoded(text, 9) + b"\r\n"

    return [fill]


def _part_head(subtype: str, more: str = "") -> bytes:
    head = f"Content-Type: text/{subtype}; charset=utf-8{more}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode("ascii")


def _text_segments(text: str) -> list[bytes | Fill]:
    def fill_for(before: str, gap: Field) -> Fill:
        if OPEN_LINK.search(before):
            return lambda values: mime.spliced(quote(gap.value(values), safe=""))
        return lambda values: mime.spliced(gap.value(values))

    return _segments(text, fill_for, _last_word)


def _html_segments(html: str) -> list[bytes | Fill]:
    def fill_for(before: str, gap: Field) -> Fill:
        if OPEN_BLOCK.search(before):
            raise BadField(f"the merge field {gap.name} stands in a style sheet, a script or a comment")
        attribute = OPEN_ATTRIBUTE.search(before)
        if attribute is None and OPEN_TAG.search(before):
            raise BadField(f"the merge field {gap.name} stands inside of a tag, but not in a quoted attribute")
        if attribute is not None and attribute[1].lower() in LINK_ATTRIBUTES:
            if attribute[2][1:] == "":
                return lambda values: mime.spliced(html_escapes.escape(_link(gap.value(values))))
            return lambda values: mime.spliced(quote(gap.value(values), safe=""))
        return lambda values: mime.spliced(_escaped(gap.value(values)))

    return _segments(html, fill_for, _still_open)


def _last_word(before: str) -> str:
    return "" if before[-1:].isspace() else "".join(before.split()[-1:])


def _still_open(before: str) -> str:
    """Return the end of it in which a tag or a block may be open."""
    if OPEN_BLOCK.search(before):
        return before
    tag = before[max(0, before.rfind("<")) :]
    return "" if ">" in tag else tag


def _escaped(value: str) -> str:
    return value if value.isalnum() else html_escapes.escape(value)


def _link(value: str) -> str:
    return value if SAFE_LINK.fullmatch(value) else "#"


def _segments(text: str, fill_for: Callable[[str, Field], Fill], open_end: Callable[[str], str]) -> list[bytes | Fill]:
    """Cut a body so that every segment starts on a line of its own: each ends in a soft line break before a gap.

    Of what stands before a gap only its open end is kept, so that a thousand gaps cost no million looks at the text.
    """
    segments: list[bytes | Fill] = []
    before = ""
    pieces = merge_fields.split(text)
    for number, piece in enumerate(pieces):
        if isinstance(piece, Field):
            segments.append(fill_for(before, piece))
            before += "x"  # Stands for the value, which cannot open or close anything.
        else:
            before = open_end(before + piece)
            more = number + 1 < len(pieces)
            segments.append(mime.literal(piece) + (b"=\r\n" if more else b""))
    return segments
