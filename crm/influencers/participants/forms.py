"""The form that edits an interaction."""

from flask_login import current_user
from wtforms import Form, StringField
from wtforms.validators import Length

from crm.accounts.forms import known_zone
from crm.base.forms import VersionedForm
from crm.influencers.forms import InteractionForm
from crm.influencers.models import Interaction
from crm.influencers.participants import editing


def zone_of_time(form: Form, field: StringField) -> None:
    """Validator: the name of a time zone, or the reader's own where nothing is typed."""
    field.data = (field.data or "").strip() or current_user.zone
    known_zone(form, field)


class InteractionEditForm(InteractionForm, VersionedForm):
    """What happened, once more; a next step that is done stays as it was."""

    zone = StringField("Time zone", [Length(max=64), zone_of_time])

    def __init__(self, interaction: Interaction) -> None:
        super().__init__(obj=interaction, **vars(editing.shown(interaction)))
        self.zone.data = self.zone.data or current_user.zone
        if interaction.next_step_done_at:
            del self.next_step, self.next_step_due
