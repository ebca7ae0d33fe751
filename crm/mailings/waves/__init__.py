"""How a mailing goes out over time: at everybody's own hour, spread, within hours of the day."""
