"""What the home page says."""

import re
from collections.abc import Sequence

from flask import render_template
from markupsafe import Markup, escape

from crm.base.locales import marked
from crm.base.public_pages import home_parts
from crm.extensions import db
from crm.organizations import coalition
from crm.organizations.members import by_name
from crm.organizations.models import Coalition, Organization

HEADLINE_LENGTH = 140
SENTENCE_END = re.compile(r"(?<=[.!?؟。])\s+")


def headline(found: Coalition | None, language: str) -> tuple[Markup, Markup]:
    """Return the line set in large type, and what follows: the purpose's first sentence where it is short.

    Both carry their language where it is not that of the page.
    """
    if found is None:
        return escape(coalition.name_of(None)), Markup()
    purpose, written_in = found.purpose_for(language)
    first, *others = SENTENCE_END.split(purpose.strip(), maxsplit=1)
    if 0 < len(first) <= HEADLINE_LENGTH:
        return marked(first, written_in), marked(" ".join(others), written_in)
    return marked(found.name, "en"), marked(purpose.strip(), written_in)


def parts() -> list[Markup]:
    """Return what the subjects show below the sign-up form, in its order."""
    found = [(part.template, part.values()) for part in sorted(home_parts, key=lambda part: part.order)]
    # The templates are our own files, and escape what they print.
    return [Markup(render_template(template, **values)) for template, values in found if values is not None]  # noqa: S704


def members() -> Sequence[Organization]:
    """Return the member organizations, by name."""
    return db.session.scalars(by_name()).all()
