"""Which role may do what; what is not listed is refused, and some of it to all but the coalition's own staff."""

VIEWER = frozenset(
    {
        "dashboard.see",
        "contacts.see",
        "influencers.see",
        "organizations.see",
        "campaigns.see",
        "events.see",
        "mailings.see",
        "actions.see",
        "resources.see",
        "goals.see",
        "delivery.see",
        "site.see",
        "assistance.see",
    }
)
ORGANIZER = VIEWER | {
    "contacts.edit",
    "contacts.import",
    "segments.edit",
    "forms.edit",
    "sharing.export",
    "influencers.edit",
    "organizations.edit",
    "campaigns.edit",
    "events.edit",
    "mailings.edit",
    "mailings.send",
    "actions.edit",
    "resources.edit",
    "site.edit",
    "assistance.edit",
}
ADMIN = ORGANIZER | {
    "contacts.export",
    "contacts.suppress",
    "contacts.forget",
    "goals.edit",
    "users.edit",
    "settings.edit",
    "site.publish",
    "delivery.edit",
}
PERMISSIONS: dict[str, frozenset[str]] = {"viewer": VIEWER, "organizer": ORGANIZER, "admin": ADMIN}
ROLES = tuple(PERMISSIONS)
OF_COALITION = ADMIN - ORGANIZER
"""What all members share, so that no member's staff decides it, whatever their role."""
