"""Whether the words of a digest could go out at all: told when they are written, not on its first morning."""

from crm.mailings import checks, identity, rendering, texts
from crm.mailings.designs import looks
from crm.mailings.digests import gathering, making
from crm.mailings.digests.models import Digest
from crm.mailings.models import MailingText


def fault(digest: Digest) -> tuple[str, str] | None:
    """Return the field whose words would hold its mailings back, and what to mend there; None where none would."""
    said = [gathering.text(digest, code, []) for code in gathering.languages(digest)]
    if not said:
        return None
    mailing = making.as_mailing(digest)
    for name, value in said[0].items():
        setattr(mailing, name, value)
    mailing.texts = [MailingText(**{"body": "", **text}) for text in said[1:]]
    who, look = identity.current(), looks.look(looks.default_design())
    for one in texts.all_of(mailing):
        mail = rendering.render(one, who, look=look)
        for check in checks.of_merge_fields(one, mailing, mail):
            if not check.passed:
                part = "subject" if check.place == "subject" or not digest.intros.get(one.language) else "intro"
                return f"{part}_{one.language}", check.text
    return None
