"""A field for the time of a wall clock in some zone; of a time that clocks show twice it asks which is meant."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from wtforms import DateTimeLocalField
from wtforms.utils import unset_value
from wtforms.validators import Optional

from crm.base import wall_clock
from crm.base.changes import Refused

WRITTEN = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
FIRST, SECOND = "first", "second"
HOURS = {FIRST: "The first time", SECOND: "The second time, after clocks went back"}


class WallTime(DateTimeLocalField):
    """A date and time as the clocks of a zone show it; `hour` says which of two hours is meant, "" where that is open.

    Forms show a moment by `show`, and read what was typed by `moment`. Where a choice is needed `hours` holds it, and
    the macro of fields shows it.
    """

    def __init__(self, label: str, validators: Sequence[Any] = (Optional(),), **kwargs: Any) -> None:
        self.hour, self.hours = "", dict[str, str]()
        super().__init__(label, validators, format=WRITTEN, **kwargs)

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the time, and which of the two hours was chosen."""
        super().process(formdata, data, extra_filters)
        chosen = formdata.get(self.hour_name, "") if formdata else ""
        self.hour = chosen if chosen in HOURS else ""
        self.hours = HOURS if self.hour else {}

    def process_formdata(self, valuelist: list[str]) -> None:
        """Say how a time is written where it was not understood."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Give date and time, for example 2026-12-01 18:00.") from error

    @property
    def hour_name(self) -> str:
        """The name under which the chosen hour is sent."""
        return f"{self.name}-hour"

    def show(self, at: datetime | None, zone: str) -> None:
        """Show a moment as a clock in that zone does."""
        self.data, self.raw_data, self.hour = None, None, ""
        if at is not None:
            local = at.astimezone(wall_clock.named(zone))
            self.data = local.replace(tzinfo=None)
            if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
                self.hour = SECOND if local.fold else FIRST
        self.hours = HOURS if self.hour else {}

    def moment(self, zone: str) -> datetime | None:
        """Return the moment (UTC) that was typed for clocks in that zone.

        Raises Refused where no clock shows it, and where a clock shows it twice and nothing says which is meant.
        """
        if self.data is None:
            return None
        try:
            planned = wall_clock.plan(self.data.isoformat(), zone)
        except wall_clock.BadTime as error:
            raise Refused(str(error), self.short_name) from error
        if planned.note and not self.hour:
            self.hours = HOURS
            twice = f"{self.data:%H:%M} comes twice that day in {zone}, because clocks go back."
            raise Refused(f"{twice} Choose below it which is meant.", self.short_name)
        if planned.note and self.hour == SECOND:
            return self.data.replace(tzinfo=wall_clock.named(zone), fold=1).astimezone(UTC)
        return planned.moment
