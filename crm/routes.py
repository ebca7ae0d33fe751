"""The URL map: which blueprints are public, staff or API, and the guard of each kind."""

from flask import Blueprint, Flask
from flask_login import current_user
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response

from crm.accounts import public as accounts_public
from crm.accounts import staff as accounts_staff
from crm.accounts import staff_handover as accounts_handover
from crm.actions import public as actions_public
from crm.actions import staff as actions_staff
from crm.actions import staff_signatures as signatures_staff
from crm.actions.letters import public as letters_public
from crm.actions.letters import staff as letters_staff
from crm.actions.pictures import public as action_pictures_public
from crm.actions.pictures import staff as action_pictures_staff
from crm.actions.share_kits import public as share_kits_public
from crm.actions.share_kits import staff as share_kits_staff
from crm.actions.sign_on import public as sign_on_public
from crm.actions.sign_on import staff as sign_on_staff
from crm.actions.submissions import public as submissions_public
from crm.actions.submissions import staff as submissions_staff
from crm.actions.targets import staff as targets_staff
from crm.assistance import public as assistance_public
from crm.assistance import staff as assistance_staff
from crm.campaigns import staff as campaigns_staff
from crm.contacts import public_leaving as contacts_public
from crm.contacts import staff as contacts_staff
from crm.contacts import staff_contact, staff_segments
from crm.contacts.custom_fields import staff as fields_staff
from crm.contacts.defence import staff as stopped_forms_staff
from crm.contacts.forgetting import staff as forgetting_staff
from crm.contacts.interest import public as interest_public
from crm.contacts.interest import staff as interest_staff
from crm.contacts.member_consent import staff as member_consent_staff
from crm.contacts.merging import staff as merging_staff
from crm.contacts.signup_forms import public as signup_forms_public
from crm.contacts.signup_forms import staff as signup_forms_staff
from crm.delivery.bounces.webhooks import public as webhooks_public
from crm.events import public as events_public
from crm.events import public_own as event_own
from crm.events import staff as events_staff
from crm.events import staff_registrants as event_registrants
from crm.extensions import login_manager
from crm.goals import staff as goals_staff
from crm.influencers import staff as influencers_staff
from crm.influencers import staff_asks as influencers_asks
from crm.influencers import staff_board as influencers_board
from crm.influencers import staff_interactions as influencers_interactions
from crm.influencers.briefings import staff as influencers_briefings
from crm.influencers.day import staff as influencers_day
from crm.influencers.day import staff_log as influencers_log
from crm.influencers.evidence import staff as ask_files
from crm.influencers.inbound import staff as inbound_mail
from crm.influencers.network import public as influencers_public
from crm.influencers.network import staff_proposed as influencers_network
from crm.influencers.offices import staff as influencers_offices
from crm.influencers.offices import staff_asks as office_asks
from crm.influencers.offices import staff_contacts as office_contacts
from crm.influencers.offices import staff_holders as office_holders
from crm.influencers.participants import staff as interaction_pages
from crm.influencers.photos import staff as influencers_photos
from crm.influencers.plans import staff as plan_templates
from crm.influencers.plans import staff_starting as influencers_plans
from crm.influencers.positions import staff as influencers_positions
from crm.influencers.reporting import staff as ask_report
from crm.influencers.saved_filters import staff as ask_filters
from crm.influencers.snoozes import staff as influencers_snoozes
from crm.influencers.stages import staff as influencers_stages
from crm.influencers.tasks import staff as influencers_tasks
from crm.mailings import public as mailings_public
from crm.mailings import staff_sending as mailings_staff
from crm.mailings.approval import staff as mailing_approval
from crm.mailings.archive import public as archive_public
from crm.mailings.archive import staff as archive_staff
from crm.mailings.calendar import public as calendar_public
from crm.mailings.calendar import staff as calendar_staff
from crm.mailings.capping import staff as capping_staff
from crm.mailings.checking import staff as mailing_checking
from crm.mailings.choosing import staff as choosing_staff
from crm.mailings.comparing import staff as comparing_staff
from crm.mailings.composer import staff as composer_staff
from crm.mailings.designs import staff as mailing_designs
from crm.mailings.digests import staff as digests_staff
from crm.mailings.pictures import public as mailing_picture_files
from crm.mailings.pictures import staff as mailing_pictures
from crm.mailings.replies import staff as replies_staff
from crm.mailings.report import staff as mailing_report
from crm.mailings.sequences import staff as sequences_staff
from crm.mailings.trials import staff as mailing_trials
from crm.organizations import staff as organizations_staff
from crm.organizations.offering import staff as offering_staff
from crm.resources import public as resources_public
from crm.resources import public_files as resource_files_public
from crm.resources import staff as resources_staff
from crm.resources import staff_downloads as downloads_staff
from crm.resources import staff_files as resource_files_staff
from crm.site import bounce_pages as site_bounces
from crm.site import languages as site_languages
from crm.site import mailbox_pages as site_mailbox
from crm.site import public as site_public
from crm.site import search_engines
from crm.site import settings as site_settings
from crm.site import setup as site_setup
from crm.site import staff as site_staff
from crm.site.doctor import staff as doctor_staff
from crm.site.growth import public as growth_public
from crm.site.growth import staff as growth_staff
from crm.site.looks import staff as site_looks
from crm.site.members import public as members_public
from crm.site.news import public as site_news
from crm.site.outbox import staff_limits as delivery_staff
from crm.site.pages import public as site_content
from crm.site.pages import staff as site_pages
from crm.site.stories import public as site_stories
from crm.transfer import staff as transfer_staff
from crm.transfer import staff_districts as districts_import
from crm.transfer import staff_influencers as influencers_import

PUBLIC: list[Blueprint] = [
    accounts_public.bp,
    site_setup.bp,
    site_public.bp,
    growth_public.bp,
    search_engines.bp,
    members_public.bp,
    assistance_public.bp,
    site_content.bp,
    site_stories.bp,
    site_news.bp,
    contacts_public.bp,
    signup_forms_public.bp,
    interest_public.bp,
    actions_public.bp,
    action_pictures_public.bp,
    share_kits_public.bp,
    letters_public.bp,
    sign_on_public.bp,
    submissions_public.bp,
    site_mailbox.bp,
    mailings_public.bp,
    calendar_public.bp,
    mailing_picture_files.bp,
    archive_public.bp,
    resources_public.bp,
    resource_files_public.bp,
    events_public.bp,
    event_own.bp,
    influencers_public.bp,
    webhooks_public.bp,
]
STAFF: list[Blueprint] = [
    contacts_staff.bp,
    staff_contact.bp,
    staff_segments.bp,
    fields_staff.bp,
    signup_forms_staff.bp,
    member_consent_staff.bp,
    merging_staff.bp,
    interest_staff.bp,
    forgetting_staff.bp,
    transfer_staff.bp,
    accounts_staff.bp,
    accounts_handover.bp,
    goals_staff.bp,
    growth_staff.bp,
    site_staff.bp,
    delivery_staff.bp,
    site_settings.bp,
    doctor_staff.bp,
    mailings_staff.bp,
    sequences_staff.bp,
    digests_staff.bp,
    calendar_staff.bp,
    mailing_approval.bp,
    mailing_checking.bp,
    mailing_trials.bp,
    capping_staff.bp,
    choosing_staff.bp,
    composer_staff.bp,
    comparing_staff.bp,
    mailing_pictures.bp,
    mailing_designs.bp,
    archive_staff.bp,
    mailing_report.bp,
    replies_staff.bp,
    assistance_staff.bp,
    site_pages.bp,
    site_looks.bp,
    site_languages.bp,
    site_bounces.bp,
    stopped_forms_staff.bp,
    organizations_staff.bp,
    offering_staff.bp,
    campaigns_staff.bp,
    actions_staff.bp,
    signatures_staff.bp,
    resources_staff.bp,
    resource_files_staff.bp,
    downloads_staff.bp,
    action_pictures_staff.bp,
    share_kits_staff.bp,
    targets_staff.bp,
    letters_staff.bp,
    events_staff.bp,
    event_registrants.bp,
    sign_on_staff.bp,
    submissions_staff.bp,
    influencers_staff.bp,
    influencers_board.bp,
    influencers_stages.bp,
    influencers_snoozes.bp,
    influencers_positions.bp,
    influencers_offices.bp,
    office_asks.bp,
    office_contacts.bp,
    office_holders.bp,
    influencers_photos.bp,
    influencers_briefings.bp,
    influencers_asks.bp,
    ask_filters.bp,
    ask_files.bp,
    ask_report.bp,
    influencers_interactions.bp,
    influencers_tasks.bp,
    influencers_plans.bp,
    plan_templates.bp,
    influencers_day.bp,
    influencers_log.bp,
    interaction_pages.bp,
    inbound_mail.bp,
    influencers_network.bp,
    influencers_import.bp,
    districts_import.bp,
]


class RowId(IntegerConverter):
    """`<int:…>` in an address: at most nine digits, which every column of ids holds; what is longer is not found."""

    regex = r"\d{1,9}"


def staff_only() -> Response | None:
    """Send strangers to the login page before any staff view runs."""
    return None if current_user.is_authenticated else login_manager.unauthorized()


for blueprint in STAFF:
    blueprint.before_request(staff_only)


def init_app(app: Flask) -> None:
    """Register every blueprint."""
    app.url_map.converters["int"] = RowId
    for blueprint in [*PUBLIC, *STAFF]:
        app.register_blueprint(blueprint)
