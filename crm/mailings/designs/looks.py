"""The look of a mailing: what its design says, or the standard one, ready for the templates of the mail."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from crm.extensions import db
from crm.mailings.designs.models import MailingDesign, MailingDress
from crm.mailings.designs.palettes import STANDARD, Palette, palette
from crm.mailings.models import Mailing
from crm.mailings.pictures import keeping
from crm.mailings.texts import Text

SANS = "'Public Sans','Noto Sans Arabic','Segoe UI',Roboto,Helvetica,Arial,sans-serif"
SERIF = "Georgia,'Noto Sans Arabic','Times New Roman',serif"
LOGO_HEIGHT = 56  # pixels, as it is shown
LOGO_WIDTH = 240


@dataclass(frozen=True)
class Font:
    """The typefaces of a mailing, all of them at hand on the reader's side: of its text and of its headings."""

    label: str
    text: str
    heading: str


FONTS = {
    "editorial": Font("Headings in Georgia, text in a plain face", SANS, SERIF),
    "plain": Font("All in a plain face", SANS, SANS),
    "book": Font("All in Georgia", SERIF, SERIF),
}
STANDARD_FONT = "editorial"


@dataclass(frozen=True)
class Logo:
    """The logo on top of a mailing, and its size there in pixels."""

    url: str
    width: int
    height: int


@dataclass(frozen=True)
class Look:
    """The colors, typefaces, logo, and words (by language) that all mailings of a design share."""

    light: Palette
    dark: Palette
    font: Font
    logo: Logo | None = None
    header: Mapping[str, str] = field(default_factory=dict)
    footer: Mapping[str, str] = field(default_factory=dict)


def of(said: Text) -> Look:
    """Return the look of a mailing, by one of its texts: its own design, else the default one, else the standard."""
    mailing_id = said.id if isinstance(said, Mailing) else said.mailing_id
    design = own_design(mailing_id) if mailing_id else None
    return look(design or default_design())


def own_design(mailing_id: int) -> MailingDesign | None:
    """Return the design that the mailing has of its own."""
    worn = select(MailingDesign).join(MailingDress, MailingDress.design_id == MailingDesign.id)
    return db.session.scalar(worn.where(MailingDress.mailing_id == mailing_id))


def default_design() -> MailingDesign | None:
    """Return the design of mailings that have none of their own; None: the standard look."""
    return db.session.scalar(select(MailingDesign).where(MailingDesign.default).limit(1))


def look(design: MailingDesign | None) -> Look:
    """Return the look of a design; of none, the standard one."""
    colors = design.colors if design else STANDARD
    light, dark = palette(colors["light"]), palette(colors["dark"])
    if design is None:
        return Look(light, dark, FONTS[STANDARD_FONT])
    logo = _logo(design)
    return Look(light, dark, FONTS[design.font], logo, design.header, design.footer)


def _logo(design: MailingDesign) -> Logo | None:
    if (picture := design.logo) is None:
        return None
    scale = min(LOGO_HEIGHT / picture.height, LOGO_WIDTH / picture.width, 1)
    width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return Logo(keeping.url(picture, small=True), width, height)
