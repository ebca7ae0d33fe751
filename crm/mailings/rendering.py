"""The whole mail: the body inside the coalition's layout, in the language of the mailing, as HTML and as text."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import render_template
from flask_babel import force_locale
from markupsafe import Markup

from crm.delivery import merge_fields
from crm.mailings import markup
from crm.mailings.archive import addresses
from crm.mailings.blocks import page
from crm.mailings.designs import dark, looks
from crm.mailings.designs.looks import Look
from crm.mailings.texts import Text
from crm.organizations.models import Coalition


@dataclass(frozen=True)
class Rendered:
    """A mail before its merge fields are filled in; `faults` are those of the body (markup.Body)."""

    subject: str
    html: str
    text: str
    links: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    images_without_alt: int = 0

    def fields(self) -> dict[str, bool]:
        """Return the merge fields it uses, each with whether one of its places lacks a default."""
        found: dict[str, bool] = {}
        for part in (self.subject, self.html, self.text):
            for _, one in merge_fields.found(part):
                if one:
                    found[one.name] = found.get(one.name, False) or not one.default
        return found


def render(
    said: Text,
    coalition: Coalition,
    *,
    rewrite: markup.Rewrite = lambda url: url,
    look: Look | None = None,
    public: bool = False,
) -> Rendered:
    """Return the mail of one of the texts of a mailing; `rewrite` replaces its links (see markup.compose).

    `look`: how it looks, where that is not what its design says. `public`: as its page on the web shows it, to people
    who do not get it.
    """
    look = look or looks.of(said)
    links = addresses.Links() if public else addresses.in_mail(said)
    values: dict[str, Any] = {"mailing": said, "field": _field, "look": look}
    values |= {"coalition": coalition, "coalition_name": coalition.name}
    values |= {"dark": dark.for_screens(look.dark), "dark_outlook": dark.for_outlook(look.dark)}
    values |= {"links": links, "public": public}
    with force_locale(said.language):
        if said.markup == "blocks":
            body = page.compose(said, rewrite, values)
        else:
            body = markup.compose(said.body, said.markup, rewrite=rewrite)
            body.html = render_template("email/mailing/body.html", content=Markup(body.html), **values)  # noqa: S704
        text = render_template("email/mailing/body.txt", content=body.text, **values)
    return Rendered(said.subject, body.html, text, body.links, body.faults, body.images_without_alt)


def personal(rendered: Rendered, values: Mapping[str, str]) -> Rendered:
    """Return the mail as one contact gets it. What is no merge field stays as it was typed."""
    return Rendered(
        _filled(rendered.subject, values, str),
        _filled(rendered.html, values, html.escape),
        _filled(rendered.text, values, str),
    )


def _field(name: str) -> Markup:
    return Markup("{{ %s }}") % name


def _filled(text: str, values: Mapping[str, str], escape: Callable[[str], str]) -> str:
    def value(match: re.Match[str]) -> str:
        found = merge_fields.read(match[1])
        return escape(found.value(values)) if found and found.name in values else match[0]

    return merge_fields.sub(value, text)
