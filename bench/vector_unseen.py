"""The fields that no page shows to the bench, and why. A field that is unseen and does not stand here is a fault."""

NOT_SHOWN = {
    "attendance_import.created_by": "for the record alone",
    "holding.source": "tells imports which holding is theirs",
    "import_run.consent": "goes into the evidence of a consent, which is measured",
    "mailing_test.sent_by": "for the record alone",
    "message.reply_to": "a header of mail",
    "message.text": "the text part of mail, which no program runs",
    "not_the_same.said_by": "for the record alone",
    "resource_file.text": "what the search reads",
    "segment.created_by": "for the record alone",
}
IN_OTHER_STATES = {
    "a form that asks questions": ["action.options.questions"],
    "somebody else saved meanwhile": ["audit_entry.actor", "audit_entry.changes"],
    "a mailing that was in Markdown before": ["mailing_revision.content.body"],
    "a mailbox that cannot be read": ["bounce_mailbox.problem"],
    "a mailing that goes out in spite of the cap": ["cap_exception.by", "cap_exception.reason"],
    "the list that somebody came from": ["consent_record.evidence.link"],
    "a letter of organizations that was handed over": [
        *("delivered_signer.name", "delivered_signer.signer", "delivered_signer.signer_title"),
        *("letter_delivery.addressee", "letter_delivery.body", "letter_delivery.coalition"),
        *("letter_delivery.postal_address", "letter_delivery.title"),
    ],
    "an organization that several people sign for, or that is refused": [
        *("further_signer.signer", "further_signer.signer_title", "sign_on.reason"),
    ],
    "copies that wait, are late or are held": ["delivery.merge.first_name", "letter.name", "message.pause_reason"],
    "a server that rests": ["delivery_rest.name", "delivery_rest.reason"],
    "something that failed": ["digest_issue.problem", "mailing.problem", "resource_file.problem"],
    "an import whose columns are chosen": ["import_run.header"],
    "mail that nobody has sorted, and its answers": [
        *("inbound_mail.subject", "mailing_answer.address", "mailing_reply.subject"),
    ],
    "an influencer whom calls to action may reach": ["influencer.release_reason"],
    "the review of a mailing whose links and sender were looked at": [
        *("mailing_link_check.found", "mailing_link_check.url"),
        *("sender_check.found", "sender_check.mend", "sender_check.sender"),
    ],
    "two contacts that became one": ["merged_contact.merged_by"],
    "a proposal that was decided": ["resource_proposal.decided_by"],
    "a translation that was reviewed": ["reviewed_text.reviewed_by", "reviewed_text.text"],
    "a form inside of another site": ["sign_up.place"],
    "a choice of a segment": ["source.utm_campaign", "source.utm_medium", "source.utm_source", "source.utm_term"],
}
"""What pages show in a state that no row of the bench is in: told apart, since it is not measured."""
ELSEWHERE = {name for names in IN_OTHER_STATES.values() for name in names}
