"""Forms of the site's pages."""

from copy import deepcopy
from typing import Any

from flask import request
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from crm.base.forms import ValuesForm, VersionedForm, sensible_year
from crm.base.locales import LANGUAGES
from crm.mailings.composer import block_form
from crm.mailings.composer.tree import ROOT, Blocks
from crm.site.pages import saying
from crm.site.pages.keeping import KINDS
from crm.site.pages.models import SitePage

WHAT_FOR = {
    "page": "Stands at an address of its own, and in the menu where you put it.",
    "post": "Stands among the news, with its date, and goes into the feed.",
    "story": "What somebody went through, told with their agreement. Nameless unless they chose otherwise.",
}


class BeginForm(ValuesForm):
    """What a new page will be."""

    title = StringField("Title", [DataRequired("Give it a title."), Length(max=200)])
    kind = RadioField("What it is", choices=[SelectChoice(*kind) for kind in KINDS.items()], default="page")
    language = SelectField("Language", choices=[SelectChoice(*one) for one in LANGUAGES.items()], default="en")


class PageForm(VersionedForm):
    """What a page says in one language; in the main one also its address, and of a story who agreed to it."""

    title = StringField("Title", [Length(max=200, message="Keep the title under 200 characters.")])
    description = TextAreaField("In a sentence or two", [Length(max=300, message="Keep it under 300 characters.")])
    slug = StringField("Address", [Length(max=80)])
    signed = StringField("Name to show", [Length(max=200)])
    agreed_by = StringField("Who agreed to it", [Length(max=200)])
    agreed_on = DateField("When they agreed", [Optional(), sensible_year])

    def __init__(self, page: SitePage, language: str) -> None:
        text = page.content.get(language, saying.EMPTY)
        names = ("slug", "signed", "agreed_by", "agreed_on", "version")
        known = {name: getattr(page, name) for name in names}
        super().__init__(data={**known, "title": text["title"], "description": text["description"]})
        if language != page.language or page.fixed or page.published_at:
            del self.slug  # Of one that was published the address is known to people.
        if language != page.language or page.kind != "story":
            del self.signed, self.agreed_by, self.agreed_on
        typed = self.is_submitted() and f"{ROOT}.n" in request.form
        self.blocks: Blocks = block_form.read(request.form) if typed else deepcopy(text["blocks"])

    def values(self) -> dict[str, Any]:
        """Return what was typed, with the blocks."""
        return {**super().values(), "blocks": self.blocks}
