"""Owners of influencers are told when one gets a call to action, because the influencer confirmed its topic."""

from flask import current_app

from crm.delivery import letters
from crm.mailings import audience
from crm.mailings.models import KINDS, Mailing


def tell(mailing: Mailing) -> int:
    """Write to the owner of each such influencer, once for a mailing; return the number of letters."""
    told = 0
    for influencer in audience.influencers(mailing)[1]:
        if influencer.owner and influencer.owner.active:
            letters.send(
                "influencer_mailed",
                influencer.owner.email,
                locale="en",
                occasion=f"mailing:{mailing.id}:{influencer.id}",
                merge={
                    "name": influencer.name,
                    "kind": KINDS[mailing.kind].lower(),
                    "subject": mailing.subject,
                    "topic": mailing.topic.name(),
                    "mailing_url": f"{current_app.config['PUBLIC_URL']}/staff/mailings/{mailing.id}",
                },
            )
            told += 1
    return told
