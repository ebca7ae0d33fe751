"""The forms that import influencers, and the districts that they represent."""

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileAllowed, FileField, FileRequired
from wtforms import BooleanField, DateField, StringField, ValidationError
from wtforms.validators import Length, Optional

from crm.base.forms import sensible_year

KINDS = FileAllowed(["csv", "txt", "tsv", "yaml", "yml"], "Choose a CSV or a YAML file.")
YAML = FileAllowed(["yaml", "yml"], "Choose a YAML file.")


class InfluencersForm(FlaskForm):
    """A CSV file; or legislators, who sits on which committee, and which committees are wanted."""

    file = FileField("CSV file, or legislators-current.yaml", [FileRequired("Choose a file."), KINDS])
    committees = FileField("committee-membership-current.yaml", [YAML])
    names = FileField("committees-current.yaml", [YAML])
    codes = StringField("Only these committees", [Length(max=200)])
    ends_many = BooleanField("It is right that many offices or committee seats end")

    def wanted(self) -> list[str]:
        """Return the codes of the committees that were typed."""
        return (self.codes.data or "").replace(",", " ").upper().split()

    def validate_codes(self, field: Any) -> None:
        if self.wanted() and not self.committees.data:
            raise ValidationError("Choose committee-membership-current.yaml too: it says who sits on a committee.")


class DistrictsForm(FlaskForm):
    """The table of congressional districts by ZIP code, and since when they hold."""

    file = FileField("CSV file", [FileRequired("Choose a file."), FileAllowed(["csv"], "Choose a CSV file.")])
    valid_from = DateField("They hold since", [Optional(), sensible_year])
