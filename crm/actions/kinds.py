"""The kinds of actions: a registry that each kind fills at assembly, so that the pages need not know them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, union_all

from crm.actions.forms import ActionForm
from crm.actions.models import Action
from crm.base.registries import Registry
from crm.contacts.models import Contact
from crm.extensions import db


def nothing(_action: Action) -> dict[str, Any]:
    """Return no values: the page of this kind needs none of its own."""
    return {}


def nowhere(_action: Action) -> str:
    """Return no address: what people did has no page of its own."""
    return ""


def no_pages(_action: Action) -> list[tuple[str, str]]:
    """Return no pages: the staff need none of its own for this kind."""
    return []


def no_way_back(_action: Action, _contact: Contact) -> str:
    """Return no address: what people did cannot be taken back."""
    return ""


@dataclass(frozen=True)
class ActionKind:
    """A kind of action.

    `form`: the form of the staff; its fields beyond those of ActionForm are attributes of Action, too. `part`: the
    template of what is to be done, inside of the public page, with `values` of its own. `deed` names what it
    becomes (base.deeds), and `visitor_form` returns the form that a visitor fills in; none where nothing is sent.
    `outcome` is what staff call its outcomes, `counts` returns the query of how many count by action, and `rows`
    the address of the page that lists them. `take_back` returns the path by which a contact takes it back;
    `did` tells of what cannot be taken back whether a contact did it. `hosts` are
    other sites that the forms on its page lead to. `wide`: what is to be done stands beneath the text, not beside it.
    `staff_pages` returns label and address of the pages that staff have of this kind besides. `more` is the template of
    what stands below the text, `after` that of what else is asked on the page that thanks; "" for nothing.
    `offers_pictures`: its part offers all pictures to take along; else the first one stands above the text.
    `reports`: its button tells what was done elsewhere (“I called”), and so is no name of what leads to the page.
    """

    label: str
    about: str
    order: int
    form: type[ActionForm]
    part: str
    outcome: str
    counts: Callable[[], Select[Any, Any]]
    rows: Callable[[Action], str] = nowhere
    deed: str = ""
    visitor_form: Callable[[Action], Any] | None = None
    values: Callable[[Action], dict[str, Any]] = nothing
    take_back: Callable[[Action, Contact], str] = no_way_back
    did: Callable[[Action, Contact], bool] = lambda _action, _contact: False
    hosts: str = ""
    wide: bool = False
    staff_pages: Callable[[Action], list[tuple[str, str]]] = no_pages
    more: str = ""
    after: str = ""
    offers_pictures: bool = False
    reports: bool = False


kinds: Registry[ActionKind] = Registry()


def of(action: Action) -> ActionKind:
    """Return the kind of the action."""
    return kinds[action.kind]


def counts(actions: Collection[Action]) -> dict[int, int]:
    """Return by its number how many outcomes of each action count; with one query, whatever kinds they are of."""
    asked = []
    for name, kind in kinds.items():
        if ids := [action.id for action in actions if action.kind == name]:
            query = kind.counts()
            asked.append(query.where(query.selected_columns[0].in_(ids)))
    found = dict.fromkeys((action.id for action in actions), 0)
    return found | {number: int(many) for number, many in db.session.execute(union_all(*asked))} if asked else found


def count(action: Action) -> int:
    """Return how many outcomes of the action count."""
    return counts([action])[action.id]


def stands(action: Action, contact: Contact) -> bool:
    """Tell whether the contact has done it, and has not taken it back."""
    kind = of(action)
    return kind.did(action, contact) or bool(kind.take_back(action, contact))


def in_order() -> list[tuple[str, ActionKind]]:
    """Return the kinds by name, in the order in which staff choose from them."""
    return sorted(kinds.items(), key=lambda item: item[1].order)
