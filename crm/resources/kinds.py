"""What resources are, and whom they are for: words of public pages, so in the languages of visitors."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

TYPES: Mapping[str, LazyString] = {
    "whitepaper": _l("Whitepaper"),
    "report": _l("Report"),
    "brief": _l("Policy brief"),
    "recommendation": _l("Recommendation"),
    "guide": _l("Guide"),
    "recording": _l("Webinar recording"),
    "article": _l("Article"),
}
AUDIENCES: Mapping[str, LazyString] = {
    "policy": _l("Policymakers"),
    "employers": _l("Employers"),
    "educators": _l("Educators"),
    "regulators": _l("Licensing boards and regulators"),
    "providers": _l("Service providers"),
    "funders": _l("Funders"),
}
GATES = {"free": "Free for everybody", "address": "For an e-mail address"}
STATES = {"draft": "Draft", "published": "Published", "withdrawn": "Withdrawn"}
