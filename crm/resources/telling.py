"""A resource as a visitor reads it: each text in their language, or in another that is marked as such."""

from dataclasses import dataclass

from crm.base import locales
from crm.base.locales import Said
from crm.base.sharing import Ways, ways
from crm.contacts import links
from crm.contacts.sources import Trail
from crm.resources import citing
from crm.resources.kinds import AUDIENCES, TYPES
from crm.resources.models import Resource

types = TYPES


@dataclass(frozen=True)
class Citation:
    """How to cite it, and the title in the language that it was brought out in, with the code of that."""

    apa: str
    title: str
    language: str


def title(resource: Resource) -> Said:
    """Return the title."""
    return locales.said_here(resource.titles, *resource.languages)


def summary(resource: Resource) -> Said:
    """Return what it is about."""
    return locales.said_here(resource.summaries, *resource.languages)


def authors(resource: Resource) -> list[str]:
    """Return the names of the authors; of none, of the member organization that brought it out."""
    names = [author.name for author in citing.authors(resource)]
    return names or ([resource.organization.name] if resource.organization else [])


def audiences(resource: Resource) -> list[str]:
    """Return for whom it is, in words."""
    return [str(AUDIENCES[name]) for name in resource.audiences if name in AUDIENCES]


def citation(resource: Resource) -> Citation:
    """Return how it is cited: by the title of its own language."""
    own = locales.said(resource.titles, *resource.languages)
    return Citation(citing.apa(resource, own.text), own.text, own.language)


def share(resource: Resource, trail: Trail) -> Ways:
    """Return the ways to pass the page on; who shares it keeps the credit."""

    def by(medium: str) -> str:
        page = f"/resources/{resource.slug}"
        return links.passed_on(page, trail, medium=medium, campaign=resource.slug, lang=locales.language())

    name = title(resource).text
    texts = {medium: f"{name}\n\n{by(medium)}" for medium in ("link", "whatsapp", "mail")}
    return ways(by("link"), texts["link"], name, whatsapp=texts["whatsapp"], mail=texts["mail"])
