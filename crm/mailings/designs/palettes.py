"""Colors of a mailing, as an admin chooses them for light and for dark screens, and those that follow from them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crm.base.changes import Refused
from crm.mailings import legibility
from crm.mailings.legibility import LEAST_CONTRAST, Color

HEX = re.compile(r"#[0-9A-Fa-f]{6}")
CHOSEN = {"paper": "paper", "ink": "text", "primary": "links and buttons", "accent": "goal"}
THEMES = {"light": "on light screens", "dark": "on dark screens"}
STANDARD = {
    "light": {"paper": "#FBFAF7", "ink": "#1B2A33", "primary": "#0B5C6B", "accent": "#6D3B7B"},
    "dark": {"paper": "#12191D", "ink": "#E8ECEE", "primary": "#5CC2D3", "accent": "#CDA0DA"},
}
ON_PRIMARY = ("#FFFFFF", "#000000")
QUIETER, FAINT = 0.27, 0.87  # how far quiet text and thin lines lie between the text and the paper


@dataclass(frozen=True)
class Palette:
    """The colors of a mailing on one kind of screen, each as #RRGGBB."""

    paper: str
    ink: str
    primary: str
    accent: str
    on_primary: str
    quiet: str
    line: str


def palette(colors: Mapping[str, str]) -> Palette:
    """Return the palette that follows from the four colors that were chosen."""
    paper, ink = colors["paper"], colors["ink"]
    quiet = between(ink, paper, QUIETER)
    return Palette(
        **{name: colors[name] for name in CHOSEN},
        on_primary=max(ON_PRIMARY, key=lambda color: contrast(color, colors["primary"])),
        quiet=quiet if contrast(quiet, paper) >= LEAST_CONTRAST else ink,
        line=between(ink, paper, FAINT),
    )


def checked(theme: str, colors: Mapping[str, str]) -> dict[str, str]:
    """Return the colors in capitals; raises Refused, naming the field, for what is none or cannot be read."""
    for name, label in CHOSEN.items():
        if not HEX.fullmatch(colors.get(name, "")):
            raise Refused(f"The color of {label} is not written like #0B5C6B.", f"{theme}_{name}")
    for name, label in list(CHOSEN.items())[1:]:
        if (found := contrast(colors[name], colors["paper"])) < LEAST_CONTRAST:
            darker = "darker" if theme == "light" else "lighter"
            raise Refused(
                f"The color of {label} can hardly be read {THEMES[theme]}: its contrast with the paper is {found:.1f} "
                f"to 1, and at least {LEAST_CONTRAST} to 1 is needed. Choose a {darker} one.",
                f"{theme}_{name}",
            )
    return {name: colors[name].upper() for name in CHOSEN}


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors that are written as #RRGGBB, 1 to 21."""
    return legibility.contrast(_channels(one), _channels(other))


def between(color: str, other: str, share: float) -> str:
    """Return the color that lies so far (0 to 1) from one to the other."""
    mixed = [round(one + (two - one) * share) for one, two in zip(_channels(color), _channels(other), strict=True)]
    return "#" + "".join(f"{value:02X}" for value in mixed)


def _channels(color: str) -> Color:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
