"""How many people read the default of a merge field, because nothing is on record of them, and which have none."""

from collections.abc import Sequence
from dataclasses import replace

from crm.delivery import merge_fields
from crm.delivery.merge_fields import Field
from crm.mailings import audience, fields, identity, rendering, texts
from crm.mailings.checking.check import Check, advice
from crm.mailings.models import Mailing
from crm.mailings.texts import Text


def look(mailing: Mailing) -> list[Check]:
    """Return a line for each field of each text of which somebody reads the default, or that has none."""
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
    mail = rendering.render(said, identity.current())
    used = [one for part in (mail.subject, mail.text) for _, one in merge_fields.found(part) if one]
    typed = [one for one in used if one.name in fields.FIELDS and one.name not in fields.LINKS]
    return [*_read(typed, said, mailing), *_missing(typed, said, mailing)]


def _read(typed: Sequence[Field], said: Text, mailing: Mailing) -> list[Check]:
    firsts = {one.name: one.default for one in reversed(typed) if one.default}
    return [
        advice(
            f"{'1 person has' if people == 1 else f'{people:,} people have'} no {fields.FIELDS[name].label.lower()} "
            f"{'and reads' if people == 1 else 'and read'} “{word}”.",
            "body",
        )
        for name, word in firsts.items()
        if (people := audience.without(mailing, said, name))
    ]


def _missing(typed: Sequence[Field], said: Text, mailing: Mailing) -> list[Check]:
    """What has neither a value nor a default is a fault, which stands among the others; here is what may become one."""
    return [
        advice(
            f"{{{{ {name} }}}} has no default: the public page shows nothing there, and one more person in the "
            f"audience of whom no {fields.FIELDS[name].label.lower()} is on record would hold all of it back.",
            "body",
        )
        for name in dict.fromkeys(one.name for one in typed if not one.default)
        if not audience.without(mailing, said, name)
    ]
