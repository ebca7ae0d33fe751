"""Colors and typefaces from which an admin can begin a design: one for each kind of mailing."""

from dataclasses import dataclass

from crm.mailings.designs import palettes


@dataclass(frozen=True)
class Preset:
    """A beginning: its name, the colors by light and dark, and the name of its typefaces."""

    label: str
    colors: dict[str, dict[str, str]]
    font: str


PRESETS = {
    "newsletter": Preset("Editorial, as it is without a design", palettes.STANDARD, "editorial"),
    "call_to_action": Preset(
        "Urgent: white paper, red buttons",
        {
            "light": {"paper": "#FFFFFF", "ink": "#1C1C1E", "primary": "#A4262C", "accent": "#0B5C6B"},
            "dark": {"paper": "#161618", "ink": "#F0F0F2", "primary": "#F08A8A", "accent": "#5CC2D3"},
        },
        "plain",
    ),
    "sharing_tools": Preset(
        "Warm: cream paper, amber buttons",
        {
            "light": {"paper": "#FFF9F1", "ink": "#33261C", "primary": "#8A4B00", "accent": "#2F6B3A"},
            "dark": {"paper": "#1C1712", "ink": "#F1E9E0", "primary": "#E9B05C", "accent": "#7CC98A"},
        },
        "plain",
    ),
    "thought_leadership": Preset(
        "Like a book: all in Georgia, blue links",
        {
            "light": {"paper": "#FCFCFA", "ink": "#22252B", "primary": "#27457A", "accent": "#6D3B7B"},
            "dark": {"paper": "#14161A", "ink": "#E6E8EC", "primary": "#9DB8EA", "accent": "#CDA0DA"},
        },
        "book",
    ),
}
