"""A mail of blocks: the page in MJML, made into HTML for all mail programs, and its text part.

MJML sees none of the words: they are held back, each behind a sign of its own, and put in afterwards. So nothing that
people write can be an instruction to it, and nothing of what it does can tear their merge fields apart.
"""

import html
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template
from markupsafe import Markup
from mjml import mjml2html

from crm.base.locales import direction
from crm.mailings import markup
from crm.mailings.blocks import checking, telling
from crm.mailings.blocks.parts import Cutter, Section
from crm.mailings.pictures import keeping
from crm.mailings.texts import Text

# What MJML begins each style sheet with would be written into every cell of its tables when the rules are inlined.
RESETS = re.compile(r'<style type="text/css">\s*#outlook a.*?</style>', re.DOTALL)
OUR_RESETS = (
    "<!--[if mso]><style>table,td{border-collapse:collapse;mso-table-lspace:0;mso-table-rspace:0}</style><![endif]-->"
    "<style>body{margin:0;padding:0;-webkit-text-size-adjust:100%}img{border:0;line-height:100%}</style>"
)
# The preheader is hidden anyway; white on a light paper only looks like a trick of spam.
HIDDEN_WHITE, HIDDEN = "display:none;font-size:1px;color:#ffffff;", "display:none;font-size:1px;"
ROOM_BETWEEN = re.compile(r">\s*\n\s*<")


def compose(said: Text, rewrite: markup.Rewrite, shared: Mapping[str, Any]) -> markup.Body:
    """Return the whole page, and the text of the body, of a text made of blocks.

    `shared` are the values of the templates of a mailing (see rendering.render); `rewrite`: as in markup.compose.
    """
    body, lost = markup.Body(), list[str]()
    told = telling.basic(said.blocks, said.language, lost)
    body.faults += [str(fault) for fault in checking.faults(said.blocks)]
    body.faults += _gone(said.blocks, lost) if not body.faults else []
    cutter = Cutter(body, rewrite, keeping.named(checking.pictures_in(told)))
    sections = cutter.sections(told)
    body.html = _page(said, sections, shared)
    body.text = markup.text_of("".join(part.text for one in sections for column in one.columns for part in column))
    return body


def _gone(blocks: Sequence[dict[str, Any]], lost: list[str]) -> list[str]:
    places = [place for block, place in checking.placed(list(blocks)) if block["id"] in lost]
    return [f"{place} shows something that is no longer there. Remove it, or choose another." for place in places]


def _page(said: Text, sections: list[Section], shared: Mapping[str, Any]) -> str:
    held, way = _Held(), direction(said.language)
    values: dict[str, Any] = {"sections": sections, "hold": held, "dir": way}
    values |= {"start": "right" if way == "rtl" else "left", "height": "1.8" if way == "rtl" else "1.55"}
    page = mjml2html(render_template("email/mailing/blocks.mjml", **shared, **values), fonts={})
    page = RESETS.sub(OUR_RESETS, page, count=1).replace(HIDDEN_WHITE, HIDDEN)
    if way == "rtl":
        page = page.replace("text-align:left;direction:rtl", "text-align:right;direction:rtl")
    return held.put_in(ROOM_BETWEEN.sub("><", page))


class _Held:
    """Words that are held back from MJML, each behind a sign that nothing else contains."""

    def __init__(self) -> None:
        self._nonce = secrets.token_hex(8)
        self._words: list[str] = []

    def __call__(self, words: str) -> str:
        """Hold back words, which are escaped unless they are marked as HTML already."""
        self._words.append(words if isinstance(words, Markup) else html.escape(words))
        return f"bk{self._nonce}n{len(self._words) - 1}e"

    def put_in(self, page: str) -> str:
        return re.sub(rf"bk{self._nonce}n(\d+)e", lambda match: str(self._words[int(match[1])]), page)
