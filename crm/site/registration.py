"""What the site itself adds to the staff menu, and to what segments can ask for."""

from crm.base.registries import MenuEntry, SegmentField, menu, segment_fields
from crm.base.sender_checks import sender_checks
from crm.site import providers
from crm.site.doctor import sender


def register() -> None:
    """Add the dashboard, the mail provider of its table, and what the doctor says of the sender."""
    menu.add("today", MenuEntry("Today", "site_staff.index", "dashboard.see", 0))
    menu.add("delivery", MenuEntry("Delivery", "delivery_staff.index", "delivery.see", 80))
    provider = SegmentField("Mail provider", "choice", providers.condition, providers.choices, group="Mailings")
    segment_fields.add("provider", provider)
    sender_checks.add("doctor", sender.look)
