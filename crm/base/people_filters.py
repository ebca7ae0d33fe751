"""The filters of the list of people that stand in addresses: a registry that the subjects fill at assembly."""

from dataclasses import dataclass

from crm.base.registries import Registry


@dataclass(frozen=True)
class PeopleFilter:
    """A filter: the field and test of segments that it means, and its input: "choice" or the type of one to type in.

    `any` stands in the list of choices for none. `led_to`: other pages lead to it; the form has it once it is set.
    """

    label: str
    field: str
    test: str
    any: str = "Any"
    kind: str = "choice"
    led_to: bool = False


people_filters: Registry[PeopleFilter] = Registry()
