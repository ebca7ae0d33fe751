"""What the site itself adds to the staff menu, and to what segments can ask for."""

from crm.base.registries import MenuEntry, SegmentField, menu, segment_fields
from crm.site import providers


def register() -> None:
    """Add the dashboard, and the mail provider of its table."""
    menu.add("today", MenuEntry("Today", "site_staff.index", "dashboard.see", 0))
    menu.add("delivery", MenuEntry("Delivery", "delivery_staff.index", "delivery.see", 80))
    segment_fields.add(
        "provider", SegmentField("Mail provider", "choice", providers.condition, providers.choices, group="Mailings")
    )
