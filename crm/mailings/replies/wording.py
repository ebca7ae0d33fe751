"""What a reply says of itself: that a machine wrote it, or that its writer wants no more mail.

The lists are short, in the three languages of our mail: they only set aside, or offer a button that a person presses.
"""

import re

from crm.delivery.bounces import replies
from crm.delivery.bounces.requests import MASS_MAIL
from crm.influencers.inbound.reading import Copy

LOOKED_AT = 600  # characters
AWAY = re.compile(r"رد تلقائي|رد آلي|خارج المكتب|في إجازة|respuesta autom[aá]tica|de vacaciones", re.IGNORECASE)
LEAVES = re.compile(
    r"\b(un-?subscribe|(remove|delete|take) (me|my (name|e-?mail|address))\b|opt(ing)?[ -]?out"
    r"|stop (sending|e-?mailing|mailing|writing|contacting|these)|no (more|longer) (e-?mails?|mailings?|messages|wish)"
    r"|(do not|don.t) (e-?mail|contact|write( to)?|send) me"
    r"|(dar|den|d[eé])(me|nos) de baja|dar de baja|quier[oe] (la |mi |darme de )?baja"
    r"|(qu[ií]t|elim[ií]n|b[oó]rr|s[aá]qu)e[nl]?me|desuscri\w+|cancel\w+ (la |mi )?suscripci[oó]n"
    r"|no (me |nos )?(env[ií]en|manden|escriban) m[aá]s|dej[ea]n? de (enviar|mandar|escribir)\w*)"
    r"|(أزلني|ازلني|أزيلوني|ازيلوني|احذفني|احذفوني|إزالتي|حذف (اسمي|عنواني|بريدي)|(إلغاء|الغاء|ألغوا|الغوا) (ال)?اشتراك"
    r"|لا ترسلوا|(توقفوا|توقف) عن|أوقفوا (الرسائل|المراسلة|الإرسال))",
    re.IGNORECASE,
)
# Words that mean it only where a line holds nothing else.
ALONE = re.compile(
    r"\W*(please\s+)?(stop|remove|leave|no more|baja|cancelar|parar|basta|إلغاء|الغاء|توقف|قف)\W*", re.IGNORECASE
)


def is_automatic(copy: Copy) -> bool:
    """Return whether a machine wrote it (RFC 3834 §5): an absence, a receipt, a challenge, a report, mail to many."""
    subject = re.sub(r"^(re|aw|rv)\s*:\s*", "", copy.subject, flags=re.IGNORECASE)
    return (
        copy.machine
        or copy.precedence in MASS_MAIL
        or bool(replies.AWAY.search(subject) or replies.CHALLENGE.search(subject) or AWAY.match(subject))
    )


def asks_to_leave(subject: str, text: str) -> bool:
    """Return whether its writer seems to want no more mail: by what is written above what it quotes, or its subject."""
    said = text.strip()[:LOOKED_AT]
    named = re.sub(r"\s+", " ", f"{said}\n{'' if subject.lower().startswith(('re:', 'rv:')) else subject}")
    return bool(LEAVES.search(named)) or any(
        ALONE.fullmatch(line) for line in [subject, *said.splitlines()[:3]] if line
    )
