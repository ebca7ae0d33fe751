"""The ways to pass a page on: links that open the visitor's own programs. Nothing is loaded, and nobody is told."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Ways:
    """The address to copy with a ready text, and the links that open WhatsApp and the mail program."""

    url: str
    text: str
    whatsapp: str
    mail: str


def ways(url: str, text: str, subject: str, *, whatsapp: str = "", mail: str = "") -> Ways:
    """Return the ways to share `text`, which holds the address; `whatsapp` and `mail`: their own texts, if any."""
    body = (mail or text).replace("\n", "\r\n")  # RFC 6068 §5.
    return Ways(
        url=url,
        text=text,
        whatsapp="https://wa.me/?text=" + quote(whatsapp or text, safe=""),
        mail=f"mailto:?subject={quote(subject, safe='')}&body={quote(body, safe='')}",
    )
