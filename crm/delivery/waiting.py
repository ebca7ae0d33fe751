"""Which messages have deliveries that wait to be sent."""

from sqlalchemy import Connection, text

from crm.delivery.models import IS_WAITING

# Hops from message to message in the partial index, so its cost follows the number of messages, not of deliveries.
HOPS = f"""
    WITH RECURSIVE hop(id) AS (
        SELECT (SELECT message_id FROM delivery WHERE {IS_WAITING} ORDER BY message_id LIMIT 1)
        UNION ALL
        SELECT (SELECT message_id FROM delivery WHERE {IS_WAITING} AND message_id > hop.id
                ORDER BY message_id LIMIT 1)
        FROM hop WHERE hop.id IS NOT NULL)
    SELECT id FROM hop WHERE id IS NOT NULL
"""


def message_ids(connection: Connection) -> list[int]:
    """Return the ids of all messages with a queued or deferred delivery, whatever the state of the message."""
    return [row.id for row in connection.execute(text(HOPS))]
