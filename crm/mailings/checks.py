"""What is looked at before a mailing may go: one line each, where to mend it, and whether it forbids sending."""

from dataclasses import replace
from datetime import datetime

from crm.base import clock
from crm.base.public_pages import public_url
from crm.contacts.click_consent import agreeing
from crm.delivery import merge_fields, mime
from crm.delivery.compiled import Content, compile_content, inlined
from crm.mailings import audience, fields, identity, links, rendering, texts
from crm.mailings.audience import Reach
from crm.mailings.blocks import checking, coming, telling
from crm.mailings.checking import habits
from crm.mailings.checking import links as link_checks
from crm.mailings.checking.check import Check, of_version_b
from crm.mailings.comparing import pairing, sizes
from crm.mailings.comparing.models import MailingComparison
from crm.mailings.models import Mailing
from crm.mailings.rendering import Rendered
from crm.mailings.sequences import using
from crm.mailings.texts import Text
from crm.organizations.models import Coalition

# Gmail clips a message whose HTML is longer than this many bytes.
CLIPPED_OVER = 102 * 1024
LONG_SUBJECT = 60
LONGEST_TOKEN = 150  # with the name of its page, behind PUBLIC_URL
LONGEST_MARK = 72  # of what tells to whom a copy went
LONGEST_CODE = 24  # of a share code, or of what ends the links of who agreed to be seen


class NotReady(Exception):
    """The mailing cannot be scheduled; `faults` say why, one line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


def look(mailing: Mailing, reached: Reach) -> list[Check]:
    """Return all checks of a mailing as it is now; `reached` is what audience.reach told of it."""
    who, found = identity.current(), []
    for said in texts.all_of(mailing):
        name = texts.named(said, mailing)
        about = _of(said, mailing, who)
        found += [replace(check, text=f"{name}: {check.text}") if name else check for check in about]
    if comparison := pairing.of(mailing):
        found += _comparable(mailing, comparison, reached)
        found += [of_version_b(check, comparison.other_id) for check in _of_other(comparison.other, who)]
    found += [Check(False, words, "", forbids=False) for words in coming.after(mailing, clock.now())]
    people = [] if using.step_of(mailing.id) else _people(mailing, reached)  # A step has no audience of its own.
    return [*found, *_law(who), *people]


def _comparable(mailing: Mailing, comparison: MailingComparison, reached: Reach) -> list[Check]:
    clicks = "Two versions are compared by clicks, which are not counted. Count them, or take version B away."
    found = [_check(mailing.count_clicks, "Clicks are counted, so that both versions can be compared.", clicks, "")]
    number = audience.reach(mailing).recipients if not reached.gone else 0
    if comparison.share not in sizes.shares(number):
        found.append(Check(False, f"{pairing.too_few(number)} Choose a larger share, or take version B away."))
    return found


def _of_other(other: Mailing, who: Coalition) -> list[Check]:
    return [check for said in texts.all_of(other) for check in _of(said, other, who) if not check.passed]


def require(mailing: Mailing) -> None:
    """Raise NotReady with every check that forbids sending."""
    faults = [
        check.text
        for check in look(mailing, audience.reach(mailing, counted=False))
        if check.forbids and not check.passed
    ]
    if faults:
        raise NotReady(faults)


def require_open(mailing: Mailing, at: datetime) -> None:
    """Raise NotReady with what the mailing shows that cannot be done yet at that moment."""
    if faults := coming.after(mailing, at):
        raise NotReady(faults)


def unsendable(mail: Rendered, who: Coalition) -> list[str]:
    """Return why a mail could not even be sent as a test."""
    if not _can_send(who):
        return ["The coalition has no sender address that works. Name one in the settings."]
    return mail.faults + [check.text for check in _compiled(mail, who)]


def _of(said: Text, mailing: Mailing, who: Coalition) -> list[Check]:
    """Return the checks of what stands in one of its texts."""
    mail = rendering.render(said, who)
    written = [*_content(said, mail), *_frozen(said, mailing), *of_merge_fields(said, mailing, mail)]
    written += link_checks.forbidden(mailing, mail.links)
    if all(check.passed for check in written):
        written += _compiled(mail, who)
    written += [_ways_out(mail), *_advice(said, mail, _size(said, mailing, who)), *habits.look(said, mail)]
    return [replace(check, language="" if said is mailing else said.language) for check in written]


def _content(said: Text, mail: Rendered) -> list[Check]:
    checks = [
        _check(bool(said.subject), "It has a subject.", "It has no subject. Write one.", "subject"),
        _check(_says_something(said), "It has a body.", "It has no body. Write what you want to say.", "body"),
    ]
    places = {str(fault): f"block-{fault.block}" for fault in _block_faults(said)}
    faults = [Check(False, fault, places.get(fault, "body")) for fault in mail.faults]
    return checks + (faults or [Check(True, "Every link and image has a full web address.", "body")])


def _frozen(said: Text, mailing: Mailing) -> list[Check]:
    """A step is written once and goes out for months, and what a record says would stay as it was."""
    if said.markup != "blocks" or not (shown := telling.of_records(said.blocks)) or not using.step_of(mailing.id):
        return []
    words = f"{shown[0]}: a step says for months what it says now, and this would grow old. Write it out, with a link."
    return [Check(False, words, "body")]


def _block_faults(said: Text) -> list[checking.Fault]:
    return checking.faults(said.blocks) if said.markup == "blocks" else []


def _says_something(said: Text) -> bool:
    return bool(said.blocks if said.markup == "blocks" else said.body.strip())


def of_merge_fields(said: Text, mailing: Mailing, mail: Rendered) -> list[Check]:
    """Return the checks of what stands in double braces in one of its texts."""
    unknown = [(typed, "subject") for typed in merge_fields.unresolved(said.subject, fields.FIELDS)]
    unknown += [(typed, "preheader") for typed in merge_fields.unresolved(said.preheader, fields.FIELDS)]
    unknown += [(typed, "body") for typed in merge_fields.unresolved(mail.text, fields.KNOWN)]
    checks = [
        Check(False, f"{typed} is not a merge field. Insert one from the menu.", place) for typed, place in unknown
    ]
    heads = merge_fields.names(said.subject + said.preheader) & fields.LINKS
    checks += [Check(False, f"{{{{ {name} }}}} is a link, which the subject cannot hold.", "subject") for name in heads]
    checks += _empty_fields(said, mailing, mail)
    return checks or [Check(True, "Every merge field has a value or a default for everyone.", "body")]


def _empty_fields(said: Text, mailing: Mailing, mail: Rendered) -> list[Check]:
    bare = [
        name for name, lacks in mail.fields().items() if lacks and name in fields.FIELDS and name not in fields.LINKS
    ]
    found = []
    try:
        for name in bare:
            if people := audience.without(mailing, said, name):
                who = "1 recipient has" if people == 1 else f"{people:,} recipients have"
                mend = f'Give it a default, e.g. {{{{ {name} | default: "…" }}}}.'
                found.append(
                    Check(
                        False,
                        f"{who} no {fields.FIELDS[name].label.lower()}, and {{{{ {name} }}}} has no default. {mend}",
                        "body",
                    )
                )
    except audience.AudienceGone:
        return []  # Said once, among the checks of the audience.
    return found


def _compiled(mail: Rendered, who: Coalition) -> list[Check]:
    # As it is when the mail is sent, so that whatever would fail then is said now.
    if not _can_send(who):
        return []
    parts = {"subject": Content(mail.subject, "", "", identity.sender(who))}
    parts |= {"body": Content("", mail.html, mail.text, identity.sender(who))}
    found = []
    for place, content in parts.items():
        try:
            compile_content(content)
        except ValueError as error:
            found.append(Check(False, f"The {place} cannot be sent so: {error}", place))
    return found


def _ways_out(mail: Rendered) -> Check:
    return _check(
        all(f"{{{{ {name} }}}}" in part for part in (mail.html, mail.text) for name in fields.MADE_ON_SENDING),
        "It carries the links to unsubscribe and to the preferences.",
        "The unsubscribe link is missing from the layout.",
        "settings",
    )


def _law(who: Coalition) -> list[Check]:
    return [
        _check(
            _can_send(who),
            "The sender is named.",
            "The coalition has no sender address that works. Name one in the settings.",
            "settings",
        ),
        _check(
            bool(who.postal_address.strip()),
            "It carries the postal address.",
            "The coalition's postal address is missing, and the law wants it in every mailing. Add it in the settings.",
            "settings",
        ),
    ]


def _can_send(who: Coalition) -> bool:
    try:
        mime.mailbox(identity.sender(who))
    except ValueError:
        return False
    return bool(who.sender_email)


def _people(mailing: Mailing, reached: Reach) -> list[Check]:
    if reached.gone:
        return [Check(False, reached.gone, "people")]
    if reached.recipients:
        return [Check(True, f"{reached.recipients:,} recipients.", "people")]
    words = f"Nobody would get it: {audience.nobody(mailing)}. Choose another audience."
    if reached.capped:
        words = "Nobody would get it now: the frequency cap leaves out all who would. Send it later, or to all."
    return [Check(False, words, "people")]


def _size(said: Text, mailing: Mailing, who: Coalition) -> int:
    """Return the bytes of the HTML as it leaves: counted links and the recipient's own are longer than those typed."""
    counted = links.Rewriter(mailing.id, personal=agreeing.anybody()).of(said)
    mail = rendering.render(said, who, rewrite=counted if mailing.count_clicks else str)
    own = public_url("x" * LONGEST_TOKEN)
    values = dict.fromkeys(fields.MADE_ON_SENDING, own) | dict.fromkeys(fields.CARRIED, "x" * LONGEST_CODE)
    values |= {merge_fields.KNOWN_BY: "x" * LONGEST_MARK}
    page = inlined(rendering.personal(mail, values).html)
    return len(page.encode()) + page.count("\n")  # Each line ends in two.


def _advice(said: Text, mail: Rendered, size: int) -> list[Check]:
    alts = mail.images_without_alt
    images = "1 image has" if alts == 1 else f"{alts} images have"
    how = "Write it in the block." if said.markup == "blocks" else "![description](https://…)"
    alt = f"{images} no description for those who do not see it: {how}"
    long_subject = f"The subject is {len(said.subject)} characters long; phones show about {LONG_SUBJECT}."
    return [
        _check(len(said.subject) <= LONG_SUBJECT, "The subject is short enough.", long_subject, "subject", False),
        _check(
            bool(said.preheader),
            "It has a preheader.",
            "No preheader: inboxes show the first words of the body instead.",
            "preheader",
            False,
        ),
        _check(
            not alts,
            "Every image has a description.",
            alt,
            "body",
            False,
        ),
        _check(
            size <= CLIPPED_OVER,
            "It is small enough.",
            f"{size // 1024} kB of HTML; Gmail cuts off what is over 102 kB. Shorten it, or link to the rest.",
            "body",
        ),
    ]


def _check(passed: bool, good: str, bad: str, place: str, forbids: bool = True) -> Check:
    return Check(passed, good if passed else bad, place, forbids)
