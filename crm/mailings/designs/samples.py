"""What a design is shown on: the starters, with their empty places filled."""

import re
from collections.abc import Mapping
from typing import Any

from crm.base.locales import LANGUAGES, known
from crm.extensions import db
from crm.mailings.blocks import checking, starters
from crm.mailings.designs import looks
from crm.mailings.designs.models import MailingDesign
from crm.mailings.models import KINDS, Mailing
from crm.mailings.pictures.models import MailingPicture

NAMES = KINDS
BRACKETS = re.compile(r"[\[\]…]")


def said(kind: str, language: str) -> Mailing:
    """Return an unsaved mailing of that kind (else a newsletter) in that language, as its starter begins."""
    kind = kind if kind in NAMES else "newsletter"
    language = known(language)
    blocks = [_filled(block) for block in starters.blocks_for(kind, language)]
    return Mailing(kind=kind, language=language, subject=KINDS[kind], preheader="", markup="blocks", blocks=blocks)


def look_of(typed: Mapping[str, Any], colors: dict[str, dict[str, str]]) -> looks.Look:
    """Return the look of a design as it stands in the form, unsaved."""
    font = typed["font"] if typed["font"] in looks.FONTS else looks.STANDARD_FONT
    words = {name: {code: typed[f"{name}_{code}"] for code in LANGUAGES} for name in ("header", "footer")}
    design = MailingDesign(name=typed["name"], colors=colors, font=font, **words)
    design.logo = db.session.get(MailingPicture, typed["logo_id"]) if typed["logo_id"] else None
    return looks.look(design)


def _filled(block: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = dict(block)
    values |= {name: BRACKETS.sub("", value) for name, value in block.items() if isinstance(value, str)}
    if values.get("url") == "" and values["kind"] == "button":
        values["url"] = "https://example.org/"
    if columns := values.get("columns"):
        values["columns"] = [[_filled(inner) for inner in column] for column in columns]
    return checking.cleaned([values])[0]
