"""Designs: made by an admin, checked to be readable, worn by mailings of every markup."""

import pytest
from sqlalchemy import select

from crm.extensions import db
from crm.mailings import composing, identity, rendering
from crm.mailings.blocks import checking
from crm.mailings.designs import keeping, palettes
from crm.mailings.designs.models import MailingDesign
from crm.mailings.designs.presets import PRESETS
from crm.mailings.legibility import LEAST_CONTRAST
from crm.mailings.models import Mailing
from tests.mailings.blocks.makers import block, make_picture
from tests.mailings.makers import make_mailing

ADDRESS = "/staff/mailings/designs"
RED = {"light_primary": "#A4262C", "dark_primary": "#F08A8A"}


def typed(**values) -> dict:
    design = keeping.begun("newsletter")
    names = [f"{theme}_{name}" for theme in palettes.THEMES for name in palettes.CHOSEN]
    return {"name": "Red", "font": "book", **{name: getattr(design, name) for name in names}, **RED, **values}


def make_design(**values) -> MailingDesign:
    words = {f"{name}_{code}": "" for name in ("header", "footer") for code in ("en", "es", "ar")}
    fields = {"logo_id": None, "default": False, **words, **typed(**values)}
    design = keeping.save(keeping.begun("newsletter"), fields)
    db.session.commit()
    return design


def only() -> MailingDesign:
    return db.session.scalars(select(MailingDesign)).one()


def shown(mailing: Mailing) -> rendering.Rendered:
    return rendering.render(mailing, identity.current())


def written_in_blocks() -> Mailing:
    mailing = make_mailing()
    mailing.markup, mailing.blocks = "blocks", checking.cleaned([block("button", text="Go", url="https://x.example")])
    db.session.commit()
    return mailing


def test_an_admin_makes_a_design_and_it_is_worn(app, as_alice):
    as_alice.send(f"{ADDRESS}/new", typed(default="y", header_en="For all who build", footer_en="Bridge\nway <b>"))
    assert only().default and only().colors["light"]["primary"] == "#A4262C"
    for mailing in (written_in_blocks(), make_mailing()):
        mail = shown(mailing)
        assert "#A4262C" in mail.html and "#F08A8A" in mail.html and "#0B5C6B" not in mail.html.split("</style>")[-1]
        assert "For all who build" in mail.html and "Bridge<br>way &lt;b&gt;" in mail.html
        assert "For all who build" in mail.text and "way <b>" in mail.text


def test_words_of_another_language_are_not_shown(app):
    make_design(default=True, header_en="For all", footer_en="Foot")
    mailing = written_in_blocks()
    mailing.language = "ar"
    assert "For all" not in shown(mailing).html and "Foot" not in shown(mailing).text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"light_ink": "#999999"}, "text can hardly be read on light screens: its contrast with the paper is 2.7 to 1"),
        ({"dark_primary": "#0B5C6B"}, "links and buttons can hardly be read on dark screens"),
        ({"dark_accent": "#333333"}, "Choose a lighter one"),
        ({"light_paper": "red;}</style><script>alert(1)</script>"}, "not written like #0B5C6B"),
        ({"font": "comic"}, "Not a valid choice"),
        ({"name": ""}, "Give the design a name."),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(app, as_alice, change, words):
    page = as_alice.send(f"{ADDRESS}/new", typed(header_en="Typed before", **change))
    assert words in page.text and "Typed before" in page.text
    assert db.session.scalar(select(MailingDesign)) is None


def test_every_preset_can_be_read(app, as_alice):
    for name, preset in PRESETS.items():
        for theme, colors in preset.colors.items():
            assert palettes.checked(theme, colors) == colors
            made = palettes.palette(colors)
            assert palettes.contrast(made.on_primary, made.primary) >= LEAST_CONTRAST
            assert palettes.contrast(made.quiet, made.paper) >= LEAST_CONTRAST
        assert f'value="{preset.colors["light"]["primary"]}"' in as_alice.page(f"{ADDRESS}/new?from={name}").text


def test_quiet_text_is_never_too_quiet(app):
    colors = {"paper": "#FFFFFF", "ink": "#767676", "primary": "#005A9C", "accent": "#005A9C"}
    assert palettes.palette(colors).quiet == "#767676"


def test_there_is_one_default(app, as_alice):
    first = make_design(name="First", default=True)
    as_alice.send(f"{ADDRESS}/new", typed(name="Second", default="y"))
    assert not db.session.get(MailingDesign, first.id).default
    assert "Default" in as_alice.page(f"{ADDRESS}/").text


def test_two_admins_at_once_lose_nothing(app, as_alice):
    design = make_design()
    as_alice.send(f"{ADDRESS}/{design.id}", typed(version="1", name="Redder"))
    page = as_alice.send(f"{ADDRESS}/{design.id}", typed(version="1", footer_en="Mine"), status=409)
    assert "Redder" in page.text and "Mine" in page.text
    assert only().name == "Redder"


def test_a_mailing_wears_one_of_its_own_and_its_copy_too(app, as_oscar):
    make_design(name="House", default=True, light_primary="#27457A")
    design = make_design()
    mailing = make_mailing()
    page = as_oscar.send(f"{ADDRESS}/of/{mailing.id}", {"design": design.id})
    assert "The design is chosen." in page.text and mailing.version == 2
    assert "#A4262C" in shown(mailing).html
    copied = composing.copy(mailing, by="oscar")
    assert "#A4262C" in shown(copied).html
    as_oscar.send(f"{ADDRESS}/of/{mailing.id}", {"design": ""})
    assert "#27457A" in shown(mailing).html and "#A4262C" not in shown(mailing).html


def test_what_is_scheduled_keeps_its_design(app, as_oscar):
    design, mailing = make_design(), make_mailing()
    mailing.state = "scheduled"
    page = as_oscar.send(f"{ADDRESS}/of/{mailing.id}", {"design": design.id}, status=422)
    assert "Take it back to a draft" in page.text and "#A4262C" not in shown(mailing).html


def test_what_is_worn_is_not_deleted(app, as_alice):
    design, mailing = make_design(), make_mailing()
    keeping.dress(mailing, design)
    db.session.commit()
    assert "1 mailing wears it" in as_alice.send(f"{ADDRESS}/{design.id}/delete").text
    assert "1 mailing" in as_alice.page(f"{ADDRESS}/").text
    composing.delete(mailing)
    assert "The design is deleted." in as_alice.send(f"{ADDRESS}/{design.id}/delete").text
    assert db.session.scalar(select(MailingDesign)) is None


def test_the_logo_stands_on_top(app):
    logo = make_picture(1200, 300, "logo.png")
    make_design(default=True, logo_id=logo.id)
    for mailing in (written_in_blocks(), make_mailing()):
        page = shown(mailing).html
        assert f"/pictures/{logo.public_id}-small.jpg" in page and 'alt="Bridgeway Coalition"' in page
        assert 'width="224"' in page


@pytest.mark.parametrize("screen", ["light", "dark"])
def test_a_sample_shows_what_is_typed(app, as_alice, screen):
    answer = as_alice.post(
        f"{ADDRESS}/sample", data=typed(screen=screen, sample="call_to_action", language="es", header_es="Hola")
    )
    assert "Actúe ahora" in answer.text and "Hola" in answer.text
    assert RED[f"{screen}_primary"] in answer.text and "sandbox" in answer.headers["Content-Security-Policy"]
    other = "dark" if screen == "light" else "light"
    assert RED[f"{other}_primary"] not in answer.text


def test_a_sample_of_what_is_typed_badly_is_shown_all_the_same(app, as_alice):
    bad = typed(light_ink="x}", font="comic", logo_id="999", sample="x", language="x")
    assert as_alice.post(f"{ADDRESS}/sample", data=bad).status_code == 200
