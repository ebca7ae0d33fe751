"""A released mailing as anybody may see it: nobody's own links in it, and merge fields by their defaults."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from markupsafe import Markup

from crm.base import block_kinds, locales, sharing
from crm.base.public_pages import public_url
from crm.base.sharing import Ways
from crm.contacts import links
from crm.contacts.sources import Trail
from crm.delivery import merge_fields
from crm.mailings import fields, identity, rendering, texts
from crm.mailings.archive import addresses, as_sent
from crm.mailings.blocks import checking
from crm.mailings.comparing import pairing
from crm.mailings.models import Mailing
from crm.mailings.rendering import Rendered
from crm.mailings.texts import Text

# The mail is a page of its own in a frame. Nothing in it runs or sends; the page around it may ask how tall it is.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-top-navigation-by-user-activation"
)


@dataclass(frozen=True)
class Shown:
    """A mailing in the language of a visitor, or its own; `others` are the languages that it also comes in."""

    said: Text
    subject: str
    preheader: str
    others: list[str]
    at: datetime | None

    @property
    def language(self) -> str:
        """The code of the language that it is shown in."""
        return self.said.language


def shown(mailing: Mailing, language: str, at: datetime | None = None) -> Shown:
    """Return the mailing for who reads that language; of two versions the one that most people got."""
    comparison = pairing.of(mailing)
    shown = comparison.other if comparison and comparison.winner == "b" else mailing
    all_of = texts.all_of(shown)
    said = next((one for one in all_of if one.language == language), shown)
    others = [code for code in locales.LANGUAGES if code != said.language and code in {one.language for one in all_of}]
    return Shown(
        said, merge_fields.plain(said.subject), merge_fields.plain(said.preheader), others, at or mailing.released_at
    )


def mail(found: Shown, trail: Trail, slug: str) -> Rendered:
    """Return the mail as its page shows it: links lead where they say, and to our own pages with a credit.

    It is what was kept at its release; what was released before anything was kept is shown as it reads now.
    """
    credit = addresses.credited(trail, slug)
    rewrite = partial(links.with_credit, credit=credit)
    kept = as_sent.of(found.said) or rendering.render(found.said, identity.current(), public=True)
    return rendering.personal(as_sent.leading(kept, rewrite), _values(trail, credit))


def since(said: Text) -> list[Markup]:
    """Return in sentences what has become since of the records that a kept mailing shows; each once."""
    placed = checking.placed(said.blocks) if said.markup == "blocks" else ()
    shown = [(block_kinds.blocks.get(block["kind"]), block) for block, _ in placed]
    told = [kind.later(block, locales.language()) for kind, block in shown if kind and kind.later]
    words = list(dict.fromkeys(one for one in told if one))
    return words if words and as_sent.is_kept(said) else []


def framed(found: Shown, trail: Trail, slug: str) -> str:
    """Return the HTML of the frame; its links open in place of the page around it."""
    return mail(found, trail, slug).html.replace("<head>", '<head><base target="_top">', 1)


def share(found: Shown, trail: Trail, slug: str) -> Ways:
    """Return the links and the ready text by which a visitor passes the mailing on."""

    def by(medium: str) -> str:
        return addresses.shared(slug, trail, medium, found.language)

    def text(medium: str) -> str:
        return "\n\n".join(part for part in (found.subject, found.preheader, by(medium)) if part)

    return sharing.ways(by("link"), text("link"), found.subject, whatsapp=text("whatsapp"), mail=text("mail"))


def sign_up_url(trail: Trail, slug: str) -> str:
    """Return the address of the sign-up page that credits the mailing."""
    return public_url("/signup", **addresses.credited(trail, slug))


def _values(trail: Trail, credit: dict[str, str]) -> dict[str, str]:
    sign_up = public_url("/signup", **credit)
    home = public_url("/", **credit)
    values = dict.fromkeys(fields.KNOWN, "") | dict.fromkeys(fields.LINKS, sign_up)
    return values | {"share_url": home, fields.SHARE_CODE: trail.via}
