"""Forms of the staff: a resource, its files, its cover."""

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField, TextAreaField, URLField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from crm.base.forms import Boxes, ValuesForm, VersionedForm, row_or_none, sensible_year
from crm.base.locales import LANGUAGES
from crm.base.web_links import web_link
from crm.base.words import one_line
from crm.campaigns.forms import Day, offered
from crm.resources.kinds import AUDIENCES, GATES, TYPES

PROSE = [Length(max=100_000, message="Keep it under 100,000 characters.")]
TITLE = [Length(max=300, message="Keep the title under 300 characters.")]
SUMMARY = [Length(max=2_000, message="Keep the summary under 2,000 characters.")]


def _line(label: str) -> StringField:
    return StringField(label, TITLE, filters=[one_line])


def _text(label: str, *, most: Any = PROSE) -> TextAreaField:
    return TextAreaField(label, most)


class ResourceForm(VersionedForm):
    """What is known of a resource, in each language of its readers."""

    kind = SelectField("Type")
    title_en, title_es, title_ar = _line("Title"), _line("Title"), _line("Title")
    summary_en, summary_es, summary_ar = (_text("Summary", most=SUMMARY) for _ in range(3))
    body_en, body_es, body_ar = (_text("Text of the page") for _ in range(3))
    transcript_en, transcript_es, transcript_ar = (_text("Transcript") for _ in range(3))
    authors = TextAreaField("Authors", [Length(max=4_000)])
    published_on = Day("Came out on", [Optional(), sensible_year])
    languages = Boxes("Languages", choices=offered(LANGUAGES.items()))
    audiences = Boxes("For whom")
    topics = Boxes("Topics")
    url = URLField("Link", [Length(max=2000), web_link])
    gate = SelectField("Its files and link", choices=offered(GATES.items()))
    campaign_id = SelectField("Campaign", coerce=row_or_none)
    organization_id = SelectField("Brought out by", coerce=row_or_none)
    ask_id = SelectField("Ask that it stands behind", coerce=row_or_none)
    slug = StringField("Address", [Length(max=60)], filters=[one_line])


class FileForm(ValuesForm):
    """A file, and the language that it is in."""

    file = FileField("File", [FileRequired("Choose a file.")])
    language = SelectField("Language", choices=offered(LANGUAGES.items()))


class CoverForm(ValuesForm):
    """A picture for the cover."""

    cover = FileField("Picture", [FileRequired("Choose a picture.")])


def prepared(form: ResourceForm, choices: dict[str, list[tuple[str, str]]]) -> ResourceForm:
    """Give the form its choices, which stand in the database or speak the language of the page."""
    form.kind.choices = offered((key, str(label)) for key, label in TYPES.items())
    form.audiences.choices = offered((key, str(label)) for key, label in AUDIENCES.items())
    for name, pairs in choices.items():
        form[name].choices = [SelectChoice(value, label) for value, label in pairs]
    return form
