"""A lint of mails as they arrive: an independent parser of the raw bytes, by the RFCs and the rules of large receivers.

`faults(raw)` returns what is wrong, one line each; it uses neither our code nor Python's e-mail parser.
"""

import binascii
import html
import re
from base64 import b64decode

LONGEST, WANTED = 998, 78  # RFC 5322 §2.1.1
CLIPPED_OVER = 102 * 1024
FIELD = re.compile(rb"([!-9;-~]+): ?(.*)", re.DOTALL)
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
DOMAIN = rf"{LABEL}(?:\.{LABEL})*"
ADDRESS = re.compile(rf"({ATOM}(?:\.{ATOM})*)@({DOMAIN})")
WORD = r"=\?utf-8\?B\?([A-Za-z0-9+/]+=*)\?="
ENCODED = re.compile(rf"{WORD}(?: {WORD})*")
QUOTED = re.compile(r'"(?:[^"\\\x00-\x1f\x7f]|\\["\\])*"')
ATOMS = re.compile(rf"{ATOM}(?: {ATOM})*")
DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d \+0000"
)
MESSAGE_ID = re.compile(rf"<{ATOM}(?:\.{ATOM})*@({DOMAIN})>")
LIST_ID = re.compile(rf"(?:(.+) )?<{ATOM}(?:\.{ATOM})+>")
LIST_URLS = re.compile(r"<(?:https?|mailto):[!-;=?-~]+>(?:, <(?:https?|mailto):[!-;=?-~]+>)*")
# One HTTPS address first (RFC 8058 §3.1), at most one mailto behind it (RFC 2369 §2, RFC 6068), all on one line.
LEAVE = re.compile(
    rb"^List-Unsubscribe: <(https://[!-;=?-~]+)>(?:, <mailto:([^<>@?\s]+)@([^<>@?\s]+)\?subject=unsubscribe>)?\r?$",
    re.MULTILINE,
)
SIGNED_LOCAL_PART = re.compile(r"[a-z0-9+.]{1,64}")
ONCE = ("from", "to", "subject", "date", "message-id", "mime-version", "content-type")
AT_MOST_ONCE = ("reply-to", "auto-submitted", "precedence", "feedback-id", "content-transfer-encoding")
LISTS = ("list-id", "list-help", "list-owner", "list-post", "list-unsubscribe", "list-unsubscribe-post")
NEVER = ("bcc", "cc", "sender", "return-path", "received")
# What cannot be folded: one token, or kept whole on purpose.
WHOLE = (b"list-unsubscribe:", b"list-id:", b"list-help:", b"list-owner:", b"to:", b"message-id:", b"x-")
BOUNDARY = re.compile(r'multipart/alternative; boundary="([0-9a-zA-Z=_]{1,70})"')
PART = re.compile(
    rb"Content-Type: text/(plain|html); charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n(.*)",
    re.DOTALL,
)
URL = re.compile(r"https?://[^\s<>\"]+")
HREF = re.compile(r'href="(https?://[^"]+)"')


def faults(raw: bytes, *, bulk: bool, smtputf8: bool = False) -> list[str]:
    """Return what is wrong with a mail; raw: its octets with CRLF, dots single."""
    found = _lines(raw, smtputf8)
    head, gap, body = raw.partition(b"\r\n\r\n")
    if not gap:
        return [*found, "no empty line after the headers"]
    fields, wrong = _fields(head)
    found += wrong + _counts(fields, bulk)
    if found:
        return found
    found += _values(fields, smtputf8) + (_list(fields, head) if bulk else _letter(fields))
    parts, wrong = _parts(fields, body)
    return found + wrong + _content(parts, fields, bulk)


def _lines(raw: bytes, smtputf8: bool) -> list[str]:
    found = []
    if re.search(rb"(?<!\r)\n|\r(?!\n)|\0", raw):
        found.append("a bare CR, a bare LF or a NUL")
    if not raw.isascii() and not smtputf8:
        found.append("octets over 127")
    head, _, body = raw.partition(b"\r\n\r\n")
    for line in raw.split(b"\r\n"):
        if len(line) > LONGEST:
            found.append(f"a line of {len(line)} octets")
    for line in head.split(b"\r\n"):
        if len(line) > WANTED and not line.lower().startswith(WHOLE):
            found.append(f"a header line of {len(line)} octets: {line[:40]!r}")
    found += [f"a body line of {len(line)} octets" for line in body.split(b"\r\n") if len(line) > WANTED]
    return found


def _fields(head: bytes) -> tuple[list[tuple[str, str]], list[str]]:
    fields, found = [], []
    for line in re.split(rb"\r\n(?![ \t])", head):
        if any(not part.strip() for part in line.split(b"\r\n")):
            found.append("a folded header with an empty line")
        match = FIELD.fullmatch(re.sub(rb"\r\n[ \t]+", b" ", line))
        if match is None:
            found.append(f"no header: {line[:60]!r}")
        else:
            fields.append((match[1].decode().lower(), match[2].decode("utf-8", "replace")))
    return fields, found


def _counts(fields: list[tuple[str, str]], bulk: bool) -> list[str]:
    names = [name for name, _ in fields]
    found = [f"{name}: {names.count(name)} times" for name in ONCE if names.count(name) != 1]
    found += [f"{name}: {names.count(name)} times" for name in (*AT_MOST_ONCE, *LISTS) if names.count(name) > 1]
    found += [f"{name} stands there" for name in NEVER if name in names]
    if bulk:
        found += [f"{name} is missing" for name in (*LISTS, "precedence", "feedback-id") if name not in names]
    return found


def _values(fields: list[tuple[str, str]], smtputf8: bool) -> list[str]:
    values = dict(fields)
    found = [f"from: {fault}" for fault in _mailbox(values["from"])]
    found += [f"reply-to: {fault}" for fault in _mailbox(values.get("reply-to", "x@y"))]
    local, _, domain = values["to"].rpartition("@")
    if not (ADDRESS.fullmatch(values["to"]) or (smtputf8 and re.fullmatch(DOMAIN, domain))):
        found.append(f"to: {values['to']!r} is no address")
    if len(local.encode()) > 64 or len(values["to"].encode()) > 254:
        found.append("to: too long")
    if not DATE.fullmatch(values["date"]):
        found.append(f"date: {values['date']!r}")
    message_id = MESSAGE_ID.fullmatch(values["message-id"])
    if message_id is None or not values["from"].rstrip(">").endswith(f"@{message_id[1]}"):
        found.append(f"message-id: {values['message-id']!r}")
    if values["mime-version"] != "1.0":
        found.append("mime-version")
    return found + [f"subject: {fault}" for fault in _unstructured(values["subject"])]


def _mailbox(text: str) -> list[str]:
    name, _, address = text.rpartition(" ")
    if not name:
        return [] if ADDRESS.fullmatch(text.strip("<>")) else [f"{text!r} is no mailbox"]
    good = QUOTED.fullmatch(name) or ATOMS.fullmatch(name) or not _encoded(name)
    bare = address[1:-1] if address[:1] + address[-1:] == "<>" else ""
    return [] if good and ADDRESS.fullmatch(bare) else [f"{text!r} is no mailbox"]


def _unstructured(text: str) -> list[str]:
    if "=?" in text:
        return _encoded(text)
    return [] if text.isascii() and text.isprintable() else ["not printable ASCII"]


def _encoded(text: str) -> list[str]:
    """Faults of a row of encoded words (RFC 2047 §2): each at most 75 characters, whole characters in each."""
    if not ENCODED.fullmatch(text):
        return [f"{text[:40]!r} is no row of encoded words"]
    for word in text.split(" "):
        try:
            octets = b64decode(word[10:-2], validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return [f"{word!r} cannot be read"]
        if len(word) > 75 or re.search(r"[\r\n\0]", octets):
            return [f"{word!r} is too long, or hides a line break"]
    return []


def _letter(fields: list[tuple[str, str]]) -> list[str]:
    values = dict(fields)
    found = [] if values.get("auto-submitted") == "auto-generated" else ["auto-submitted (RFC 3834 §5)"]
    return found + [f"{name} in a letter" for name in (*LISTS, "precedence") if name in values]


def _list(fields: list[tuple[str, str]], head: bytes) -> list[str]:
    values = dict(fields)
    found = [
        f"{name}: {values[name]!r}" for name in ("list-help", "list-owner") if not LIST_URLS.fullmatch(values[name])
    ]
    found += _leaving(values["list-unsubscribe"], head)
    if b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" not in head + b"\r\n":
        found.append("list-unsubscribe-post")
    if (values["list-post"], values["precedence"]) != ("NO", "bulk") or "auto-submitted" in values:
        found.append("list-post, precedence or auto-submitted")
    if not LIST_ID.fullmatch(values["list-id"]) or len(values["list-id"]) > 255:
        found.append(f"list-id: {values['list-id']!r}")
    if not re.fullmatch(r"[^:\s]+:[^:\s]+:[^:\s]+:[0-9a-z]{5,15}", values["feedback-id"]):
        found.append(f"feedback-id: {values['feedback-id']!r}")
    return found


def _leaving(value: str, head: bytes) -> list[str]:
    lines = list(LEAVE.finditer(head))
    if len(lines) != 1 or lines[0][0].decode().strip() != f"List-Unsubscribe: {value}":
        return ["list-unsubscribe is not one HTTPS address, and perhaps one mailto, on one line (RFC 8058 §3.1)"]
    local_part, domain = ((lines[0][part] or b"").decode() for part in (2, 3))
    good = SIGNED_LOCAL_PART.fullmatch(local_part) and re.fullmatch(DOMAIN, domain)
    short = len(local_part) + 1 + len(domain) <= 254
    return [] if not domain or (good and short) else [f"list-unsubscribe: {local_part}@{domain} is no short address"]


def _parts(fields: list[tuple[str, str]], body: bytes) -> tuple[dict[str, str], list[str]]:
    """Return the decoded parts by subtype."""
    match = BOUNDARY.fullmatch(dict(fields)["content-type"])
    if match is None:
        return {}, ["not multipart/alternative"]
    mark = b"--" + match[1].encode()
    pieces = re.split(rb"(?:\A|\r\n)" + re.escape(mark) + rb"(--)?\r\n", body)
    if len(pieces) != 7 or pieces[0] or pieces[6] or pieces[1::2] != [None, None, b"--"]:
        return {}, ["not two parts between boundaries"]
    parts, found = {}, []
    for piece in (pieces[2], pieces[4]):
        part = PART.fullmatch(piece)
        if part is None:
            found.append(f"a part's head: {piece[:80]!r}")
            continue
        text, wrong = _unquoted(part[2])
        parts[part[1].decode()] = text
        found += wrong
    return parts, found + ([] if list(parts) == ["plain", "html"] else ["not text first, HTML second"])


def _unquoted(octets: bytes) -> tuple[str, list[str]]:
    """Return a quoted-printable part as text (RFC 2045 §6.7)."""
    found = []
    if re.search(rb"=(?![0-9A-F]{2}|\r\n)", octets):
        found.append("quoted-printable: an = that stands for nothing")
    if re.search(rb"[^\t -~\r\n]", octets) or re.search(rb"[ \t]\r\n", octets):
        found.append("quoted-printable: an octet that must be written as =XX, or white space at the end of a line")
    joined = octets.replace(b"=\r\n", b"")
    plain = re.sub(rb"=([0-9A-F]{2})", lambda hit: bytes([int(hit[1], 16)]), joined)
    try:
        return plain.decode(), found
    except UnicodeDecodeError:
        return "", [*found, "not UTF-8"]


def _content(parts: dict[str, str], fields: list[tuple[str, str]], bulk: bool) -> list[str]:
    text, page = parts.get("plain", ""), parts.get("html", "")
    found = [f"the {name} part is empty" for name, part in (("text", text), ("HTML", page)) if not part.strip()]
    if len(page.encode()) > CLIPPED_OVER:
        found.append(f"{len(page.encode())} bytes of HTML")
    links = {html.unescape(link) for link in HREF.findall(page)}
    found += [f"only in the HTML: {link}" for link in sorted(links) if link not in text]
    lonely = {link.rstrip(".,;)*") for link in URL.findall(text)} - {link.rstrip(".,;)*") for link in links}
    found += [f"only in the text: {link}" for link in sorted(lonely) if link not in html.unescape(page)]
    if bulk:
        leave = dict(fields)["list-unsubscribe"].partition(">")[0][1:]
        found += [f"no way to leave in the {name}" for name, part in parts.items() if leave not in html.unescape(part)]
    return found + [f"a merge field in the {name}" for name, part in parts.items() if "{{" in part]
