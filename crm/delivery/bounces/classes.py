"""What a refusal means for the address: hard, soft or block. What is unclear is soft, so that nobody living is lost."""

import re
from collections.abc import Sequence

HARD, SOFT, BLOCK, COMPLAINT, AUTO_REPLY, NONE = "hard", "soft", "block", "complaint", "auto_reply", "none"
REFUSALS = (HARD, SOFT, BLOCK)

# RFC 3463 §3.2 and §3.3, RFC 7505: what says that nobody is there. 5.4.4 says so of the domain where DNS is the cause.
DEAD = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
NO_ROUTE = "5.4.4"
REFUSED_FOR_GOOD = (550, 551, 553)
STATUS = re.compile(r"(?<![\w.])([45])\.(\d{1,3})\.(\d{1,3})(?![\w]|\.\d)")
CODE = re.compile(r"(?<![\w.#-])([45][0-5]\d)(?=[ :-])")
# Whom we wrote to. "account" and "address" alone may be ours, as is the account that a relay has closed.
WHO = r"(user|recipient|mailbox|addressee|tried to reach|@[\w.-]++>?:?)"
UNKNOWN_USER = re.compile(
    rf"{WHO}( \S+){{0,3}}? (is )?(unknown|not found|not known|invalid|disabled)"
    rf"|(unknown|invalid|no such|nonexistent|non-existent) (local )?{WHO}"
    r"|no (mailbox|user|recipient)\b.{0,30}\b(here|name|found|exists?)"
    rf"|{WHO}.{{0,60}}?(does ?n[o']t exist|do(es)? not exist|no longer (exists|active))",
    re.IGNORECASE,
)
OURS = re.compile(r"\b(your|sending|sender|from|return.?path|client|ip|[eh][eh]lo|ptr|reverse)\b", re.IGNORECASE)
# So say Exim, Postfix and our own ledger (Lane) where the text was refused, and not the recipient.
AFTER_DATA = re.compile(r"\b(after|in reply to) (the )?(end of )?data\b", re.IGNORECASE)
NO_DOMAIN = re.compile(
    r"(host|domain)\b.{0,40}?not found|no such (domain|host)|nxdomain|unknown (host|domain)|name service error"
    r"|domain\b.{0,60}?does not exist|non-?existent domain|unrouteable|bad destination (host|system)",
    re.IGNORECASE,
)
# Some servers refuse our sender only when the recipient is named (Postfix: smtpd_delay_reject).
SENDER = re.compile(
    r"\b(sender|return.?path|(header|envelope|mail) from)\b.{0,20}?(rejected|denied|refused|blocked|unknown|invalid"
    r"|verif|(not|n't) (allowed|accepted|permitted|found|exist))",
    re.IGNORECASE,
)
FULL = re.compile(
    r"over ?quota|quota( is)? exceeded|exceeded?\b.{0,30}\bquota|(mail)?box( is)? full"
    r"|out of storage|insufficient storage",
    re.IGNORECASE,
)


def of_refusal(statuses: Sequence[str], code: int | None, text: str, line: str | None = None) -> str:
    """Return hard, soft or block, by the enhanced statuses (RFC 3463) that a report gives, the SMTP code, the words.

    Of several statuses the mildest counts. line: the one of the text that repeats the refusal, where that is known.
    """
    exact = [status for status in statuses if not status.endswith(".0.0")]
    found = [_of_status(status, text) for status in exact]
    if BLOCK in found:
        return BLOCK
    if SOFT in found or any(status.startswith("4.") for status in statuses) or FULL.search(text):
        return SOFT
    if SENDER.search(text):
        return BLOCK
    return HARD if HARD in found else _of_words(code, text, text if line is None else line)


def statuses_in(text: str) -> list[str]:
    """Return the first refusing status (RFC 3463) in a text, written plainly; empty where there is none."""
    for match in STATUS.finditer(text):
        kind, subject, detail = (int(number) for number in match.groups())
        if subject <= 7:
            return [f"{kind}.{subject}.{detail}"]
    return []


def code_in(text: str) -> int | None:
    """Return the first refusing SMTP code in a text."""
    match = CODE.search(text)
    return int(match[1]) if match else None


def _of_words(code: int | None, text: str, said: str) -> str:
    """Return the class of a refusal whose status does not tell: only at RCPT is it the recipient who is refused."""
    if code not in REFUSED_FOR_GOOD:
        return SOFT
    if OURS.search(said):
        return BLOCK
    return HARD if UNKNOWN_USER.search(said) and not AFTER_DATA.search(text) else SOFT


def _of_status(status: str, text: str) -> str | None:
    """Return the class of one status; None where it says nothing that decides."""
    if status[1:].startswith(".7."):
        return BLOCK
    if status in DEAD:
        return HARD
    if status == NO_ROUTE:
        return HARD if NO_DOMAIN.search(text) else SOFT
    if status.startswith(("4.", "5.2.", "5.3.")):
        return SOFT
    return None
