"""How many people read the default of a merge field, because nothing is on record of them."""

from dataclasses import replace

from crm.delivery import merge_fields
from crm.mailings import audience, fields, identity, rendering, texts
from crm.mailings.checking.check import Check, advice
from crm.mailings.models import Mailing
from crm.mailings.texts import Text


def look(mailing: Mailing) -> list[Check]:
    """Return a line for each field of each text of which somebody reads the default."""
    found: list[Check] = []
    try:
        for said in texts.all_of(mailing):
            name, other = texts.named(said, mailing), "" if said is mailing else said.language
            lines = [replace(line, language=other) for line in _of(said, mailing)]
            found += [replace(line, text=f"{name}: {line.text}") if name else line for line in lines]
    except audience.AudienceGone:
        return []  # Said once, among the checks of the audience.
    return found


def _of(said: Text, mailing: Mailing) -> list[Check]:
    return [
        advice(
            f"{'1 person has' if people == 1 else f'{people:,} people have'} no {fields.FIELDS[name].label.lower()} "
            f"{'and reads' if people == 1 else 'and read'} “{word}”.",
            "body",
        )
        for name, word in _defaults(said).items()
        if (people := audience.without(mailing, said, name))
    ]


def _defaults(said: Text) -> dict[str, str]:
    """Return the first default of each field that has one, by the name of the field."""
    mail = rendering.render(said, identity.current())
    used = [one for part in (mail.subject, mail.text) for _, one in merge_fields.found(part) if one and one.default]
    return {
        one.name: one.default for one in reversed(used) if one.name in fields.FIELDS and one.name not in fields.LINKS
    }
