"""The rules by which a mail changes its colors on dark screens, for programs that ask for it in different ways."""

from markupsafe import Markup

from crm.mailings.designs.palettes import Palette

# (selectors, property, the palette's color): classes of the mail's templates.
RULES = [
    ("body,.paper", "background-color", "paper"),
    (".ink div,.ink h1,.ink h2", "color", "ink"),
    (".ink a", "color", "primary"),
    (".quiet div,.quiet a,.ink blockquote,.ink .by,.ink .small", "color", "quiet"),
    (".go td,.go a", "background-color", "primary"),
    (".go a", "color", "on_primary"),
    (".line p,.ink hr,.ink blockquote", "border-color", "line"),
    (".done", "background-color", "accent"),
    (".rest", "background-color", "line"),
]


def for_screens(palette: Palette) -> Markup:
    """Return the rules for programs that know prefers-color-scheme, such as Apple Mail."""
    rules = "".join(f"{names}{{{what}:{getattr(palette, color)} !important}}" for names, what, color in RULES)
    return Markup(f"@media (prefers-color-scheme:dark){{{rules}}}")  # noqa: S704 (colors are checked when saved)


def for_outlook(palette: Palette) -> Markup:
    """Return the rules for Outlook.com and its apps, which mark what they changed by data-ogsc and data-ogsb."""
    rules = (f"{_marked(names, what)}{{{what}:{getattr(palette, color)} !important}}" for names, what, color in RULES)
    return Markup("".join(rules))  # noqa: S704


def _marked(names: str, what: str) -> str:
    mark = "ogsb" if what == "background-color" else "ogsc"
    return ",".join(f"[data-{mark}] {name}" for name in names.split(","))
