"""In which time zone a contact lives: as on record, or else where most people of the state on record live."""

from sqlalchemy import ColumnElement, String, case, func, literal

from crm.contacts.models import Contact

STATES = {
    "America/New_York": "CT DC DE FL GA KY MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Detroit": "MI",
    "America/Indiana/Indianapolis": "IN",
    "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "CO MT NM UT WY",
    "America/Boise": "ID",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Pago_Pago": "AS",
}


def expression(otherwise: str) -> ColumnElement[str]:
    """Return the name of the zone of a row of contacts, in SQL; `otherwise` where nothing on record tells it."""
    state = func.upper(Contact.state)
    by_state = ((state.in_(states.split()), zone) for zone, states in STATES.items())
    return case((Contact.zone != "", Contact.zone), *by_state, else_=literal(otherwise, String))
