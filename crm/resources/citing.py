"""Cite this: in the style of the APA, and for the programs that keep references (BibTeX, RIS)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import force_locale, format_date

from crm.base.public_pages import public_url
from crm.organizations import coalition
from crm.resources.models import Resource

ESCAPED = {sign: f"\\{sign}" for sign in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}"}
ESCAPED |= {"^": r"\textasciicircum{}"}
BIBTEX_TYPES = {"report": "techreport", "whitepaper": "techreport", "brief": "techreport"}
RIS_TYPES = {"report": "RPRT", "whitepaper": "RPRT", "brief": "RPRT", "recording": "VIDEO"}


@dataclass(frozen=True)
class Author:
    """Who wrote it: a person by family and given names, or an organization by its name alone."""

    family: str
    given: str = ""

    @property
    def name(self) -> str:
        """The name as one says it."""
        return f"{self.given} {self.family}".strip()


def authors(resource: Resource) -> list[Author]:
    """Return the authors in their order: `Family, Given` on a line is a person, all else an organization."""
    found = []
    for line in resource.authors.splitlines():
        family, _, given = line.partition(",")
        if family.strip():
            found.append(Author(family.strip(), given.strip()))
    return found


def address(resource: Resource) -> str:
    """Return the address of the page as visitors know it."""
    return public_url(f"/resources/{resource.slug}")


def apa(resource: Resource, title: str) -> str:
    """Return the reference in APA style (7th edition, §9: author, date, title, source)."""
    who = _apa_authors(authors(resource)) or coalition.name()
    own = "" if who == coalition.name() else f" {coalition.name()}."
    return f"{who.rstrip('.')}. ({_apa_date(resource.published_on)}). {title.rstrip('.')}.{own} {address(resource)}"


def bibtex(resource: Resource, title: str) -> str:
    """Return an entry for BibTeX."""
    people = [
        f"{{{_tex(one.family)}}}" if not one.given else f"{_tex(one.family)}, {_tex(one.given)}"
        for one in _who(resource)
    ]
    kind = BIBTEX_TYPES.get(resource.kind, "misc")
    values = {"title": f"{{{_tex(title)}}}", "author": " and ".join(people)}
    values |= {"institution" if kind == "techreport" else "howpublished": _tex(coalition.name())}
    if resource.published_on:
        values |= {"year": str(resource.published_on.year), "month": str(resource.published_on.month)}
    values["url"] = address(resource)
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in values.items())
    return f"@{kind}{{{re.sub(r'[^a-z0-9]', '', resource.slug)},\n{lines}}}\n"


def ris(resource: Resource, title: str) -> str:
    """Return an entry for RIS, with its line ends."""
    lines = [("TY", RIS_TYPES.get(resource.kind, "ELEC")), ("TI", title)]
    lines += [("AU", f"{one.family}, {one.given}" if one.given else one.family) for one in _who(resource)]
    if resource.published_on:
        lines += [("PY", str(resource.published_on.year)), ("DA", resource.published_on.strftime("%Y/%m/%d"))]
    lines += [("PB", coalition.name()), ("UR", address(resource)), ("ER", "")]
    return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in lines)


def _who(resource: Resource) -> Sequence[Author]:
    return authors(resource) or [Author(coalition.name())]


def _apa_authors(people: Sequence[Author]) -> str:
    names = [f"{one.family}, {_initials(one.given)}" if one.given else one.family for one in people]
    if len(names) > 20:  # §9.8: the first nineteen, an ellipsis, the last.
        return f"{', '.join(names[:19])}, … {names[-1]}"
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + (f", & {names[-1]}" if names else "")


def _initials(given: str) -> str:
    return " ".join("-".join(f"{part[0]}." for part in name.split("-") if part) for name in given.split())


def _apa_date(day: date | None) -> str:
    if day is None:
        return "n.d."
    with force_locale("en"):  # The style is an English one, whatever the page's language.
        return f"{day.year}, {format_date(day, 'MMMM d')}"


def _tex(text: str) -> str:
    return "".join(ESCAPED.get(sign, sign) for sign in " ".join(text.split()))
