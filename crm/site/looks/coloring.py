"""The color of links and buttons: one is chosen, and what follows from it on light and on dark screens."""

from collections.abc import Mapping
from typing import Any

from crm.base import changes
from crm.base.changes import Refused
from crm.mailings.designs.palettes import HEX, LEAST_CONTRAST, between, contrast
from crm.site.pages.models import SiteSetting

# The papers and inks of theme.css, between which the chosen color has to be read.
LIGHT_PAPER, DARK_PAPER = "#FBFAF7", "#12191D"
DARKEST, LIGHTEST = "#1B2A33", "#FFFFFF"
STEPS = 20
STRONGER = 0.25  # how far the color under the pointer lies towards the text


def checked(color: str) -> str:
    """Return the color in capitals, "" for the standard one; raises Refused for what cannot be read on the page."""
    color = color.strip()
    if not color:
        return ""
    if not HEX.fullmatch(color):
        raise Refused("Write the color like #0B5C6B, or leave it empty for the standard one.", "primary")
    if (found := contrast(color, LIGHT_PAPER)) < LEAST_CONTRAST:
        raise Refused(
            f"The color can hardly be read on the page: its contrast with the paper is {found:.1f} to 1, and at least "
            f"{LEAST_CONTRAST} to 1 is needed. Choose a darker one.",
            "primary",
        )
    return color.upper()


def save(setting: SiteSetting, values: Mapping[str, Any], opened_on: int) -> None:
    """Keep the color that was chosen; raises Refused, Collision."""
    color = checked(values["primary"])
    changes.claim(setting, "site_setting", opened_on)
    changes.keep(setting, "site_setting", {"primary": color})


def sheet(color: str) -> str:
    """Return the style sheet that puts the color in the place of the standard one; "" for the standard one."""
    if not color:
        return ""
    dark = on_dark(color)
    strong = (between(color, DARKEST, STRONGER), between(dark, LIGHTEST, STRONGER))
    rules = {"primary": (color, dark), "primary-strong": strong}
    words = "".join(f"--{name}:light-dark({light},{night});" for name, (light, night) in rules.items())
    return f":root,[data-bs-theme]{{{words}}}\n"


def on_dark(color: str) -> str:
    """Return the color made so much lighter that it can be read on a dark page, and dark words on it."""
    for step in range(STEPS + 1):
        lighter = between(color, LIGHTEST, step / STEPS)
        if contrast(lighter, DARK_PAPER) >= LEAST_CONTRAST + 1:
            return lighter
    return LIGHTEST
