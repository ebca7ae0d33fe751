"""What stands at the top of a letter on paper: the coalition as it is now, or was at the delivery."""

from dataclasses import dataclass

from crm.actions.sign_on import logos
from crm.actions.sign_on.models import LetterDelivery
from crm.base.public_pages import house_colors
from crm.organizations import coalition

STANDARD_COLOR = "#0B5C6B"  # The primary one of theme.css, on white paper.


@dataclass(frozen=True)
class Head:
    """The coalition's name, its address in lines, its color (#RRGGBB), and the bytes of its logo."""

    name: str
    address: str
    color: str
    logo: bytes | None


def today() -> Head:
    """Return the head that a letter has now."""
    found = coalition.current()
    color = next((color for chosen in house_colors if (color := chosen())), STANDARD_COLOR)
    if found is None:
        return Head(coalition.name(), "", color, None)
    return Head(found.name, found.postal_address, color, found.logo)


def keep(head: Head, row: LetterDelivery) -> None:
    """Keep the head with the letter that is handed over, the logo as it is printed."""
    row.coalition, row.postal_address, row.color = head.name, head.address, head.color
    row.logo = logos.readable(head.logo, logos.LARGE) if head.logo else None


def kept(row: LetterDelivery) -> Head:
    """Return the head that the letter was handed over with; that of today where none was kept."""
    return Head(row.coalition, row.postal_address, row.color, row.logo) if row.coalition else today()
