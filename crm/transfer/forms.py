"""Forms of the import pages."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from crm.base.forms import Boxes
from crm.contacts import topics
from crm.transfer import columns
from crm.transfer.models import ImportRun
from crm.transfer.runs import MAX_STATEMENT


class UploadForm(FlaskForm):
    """The file."""

    file = FileField("CSV file, or the ZIP of Mailchimp", [FileRequired("Choose a file.")])


class TermsForm(FlaskForm):
    """What the people of the file are subscribed to, and what proves that they agreed."""

    topics = Boxes("Topics")
    consent = TextAreaField("Statement of consent", [Length(max=MAX_STATEMENT)])
    holds = SelectField("This file holds", choices=[SelectChoice(*item) for item in columns.HOLDS.items()])

    def __init__(self, run: ImportRun, **kwargs: Any) -> None:
        super().__init__(data={"topics": run.topics, "consent": run.consent, "holds": run.holds}, **kwargs)
        self.topics.choices = [SelectChoice(topic.slug, topic.name()) for topic in topics.everything()]


def mapping_of(form: Any, width: int) -> Sequence[str]:
    """Return the field that was chosen for each column."""
    return [form.get(f"column-{place}", "") for place in range(width)]
