"""How a delivery's id travels through a provider that rewrites our Message-ID: in the provider's own header."""

KEY = "delivery"
# Each takes the delivery's id and uuid. Tags of Amazon SES may hold letters, digits, - and _ alone.
HEADERS = {
    "ses": f"X-SES-MESSAGE-TAGS: {KEY}=%d-%s\r\n",
    "postmark": f"X-PM-Metadata-{KEY}: %d-%s\r\n",
    "sendgrid": f'X-SMTPAPI: {{"unique_args": {{"{KEY}": "%d-%s"}}}}\r\n',
    "mailgun": f'X-Mailgun-Variables: {{"{KEY}": "%d-%s"}}\r\n',
}
# They change Date and Message-ID, which a signature of ours covers, so they sign themselves.
REWRITING = frozenset({"ses", "postmark"})
