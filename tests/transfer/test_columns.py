"""The headers of the programs that people come from are recognized."""

import pytest

from crm.transfer import columns
from crm.transfer.tabular import Refused

ACTION_NETWORK = [
    "uuid",
    "first_name",
    "last_name",
    "email",
    "zip_code",
    "country",
    "can2_user_address",
    "can2_user_city",
    "can2_state_abbreviated",
    "can2_county",
    "can2_phone",
    "can2_user_tags",
    "can2_subscription_status",
    "can2_sms_status",
    "can2_subscription_date",
    "can2_lifetime_value",
    "Profession",
]
MAILCHIMP = [
    "Email Address",
    "First Name",
    "Last Name",
    "MEMBER_RATING",
    "OPTIN_TIME",
    "OPTIN_IP",
    "CONFIRM_TIME",
    "CONFIRM_IP",
    "LATITUDE",
    "LONGITUDE",
    "GMTOFF",
    "DSTOFF",
    "TIMEZONE",
    "CC",
    "REGION",
    "LAST_CHANGED",
    "LEID",
    "EUID",
    "NOTES",
    "TAGS",
]


def test_an_action_network_export_is_recognized():
    mapping = dict(zip(ACTION_NETWORK, columns.recognize(ACTION_NETWORK), strict=True))
    assert columns.program(ACTION_NETWORK) == "action_network"
    assert mapping["email"] == "email"
    assert mapping["can2_state_abbreviated"] == "state"
    assert mapping["can2_user_tags"] == "tags"
    assert mapping["can2_subscription_status"] == "status"
    assert mapping["can2_subscription_date"] == "subscribed_at"
    assert "Profession" in columns.ignored(ACTION_NETWORK, list(mapping.values()))


def test_the_three_files_of_mailchimp_are_told_apart():
    mapping = dict(zip(MAILCHIMP, columns.recognize(MAILCHIMP), strict=True))
    assert columns.program(MAILCHIMP) == "mailchimp"
    assert (mapping["Email Address"], mapping["OPTIN_TIME"], mapping["TAGS"]) == ("email", "optin_time", "tags")
    assert columns.holds(MAILCHIMP, "subscribed_members_export_1.csv") == ""
    assert columns.holds([*MAILCHIMP, "UNSUB_TIME"], "unsubscribed_members_export_1.csv") == "unsubscribed"
    assert columns.holds([*MAILCHIMP, "UNSUB_TIME"], "a.csv") == ""
    assert columns.holds(MAILCHIMP, "cleaned_members_export_1.csv") == "cleaned"


@pytest.mark.parametrize("header", ["E-Mail", "EMAIL_ADDRESS", "email address", "E-mail 1 - Value"])
def test_case_spaces_and_hyphens_do_not_matter(header):
    assert columns.recognize([header]) == ["email"]


def test_both_states_of_action_network_are_no_doubled_column():
    mapping = columns.recognize(["email", "can2_user_state", "can2_state_abbreviated"])
    assert mapping == ["email", "", "state"]


def test_a_full_name_gives_way_to_its_parts():
    assert columns.recognize(["email", "name", "first_name"]) == ["email", "", "first_name"]
    assert columns.recognize(["email", "name"]) == ["email", "full_name"]


@pytest.mark.parametrize("header", [["email", "email"], ["Email", "E-mail address"], ["email", "tags", "Tags"]])
def test_a_doubled_column_is_refused(header):
    with pytest.raises(Refused, match="Two columns hold"):
        columns.recognize(header)


def test_a_missing_email_column_is_refused():
    with pytest.raises(Refused, match="No column holds e-mail addresses"):
        columns.check(columns.recognize(["first_name", "last_name"]))
