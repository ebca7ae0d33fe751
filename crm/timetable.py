"""The recurring jobs: one list, each job one line into a subject."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from crm.accounts import sessions
from crm.actions.pictures import keeping as action_pictures
from crm.base import jobs, limits, once
from crm.contacts import retention
from crm.contacts.constituents import counting
from crm.contacts.forgetting import forgetting
from crm.contacts.interest import asking
from crm.delivery import depths, outbox, pruning, rates, tallies
from crm.delivery.bounces import collecting, refusals
from crm.delivery.bounces import retention as bounces_retention
from crm.events import importing as event_lists
from crm.events import needs, places
from crm.events import writing as event_mail
from crm.influencers import asks
from crm.influencers.evidence import filing
from crm.influencers.inbound import collecting as inbound_collecting
from crm.influencers.reminders import digest
from crm.mailings import scheduling
from crm.mailings.capping import outcomes
from crm.mailings.checking import links
from crm.mailings.comparing import deciding
from crm.mailings.digests import making
from crm.mailings.pictures import keeping as mailing_pictures
from crm.mailings.reading import retention as clicks_retention
from crm.mailings.replies import forgetting as replies_forgetting
from crm.mailings.report import figures
from crm.mailings.sequences import living, running
from crm.mailings.waves import resting
from crm.resources import extracting, proposing
from crm.resources import filing as resource_files
from crm.transfer import forgetting as import_traces
from crm.transfer import runs, work


@dataclass(frozen=True)
class Job:
    """A function that may run twice without harm, and how often it runs. The ticker commits after it."""

    name: str
    run: Callable[[], object]
    every: timedelta


JOBS = [
    Job("forget the jobs of workers that were lost", jobs.reap, timedelta(seconds=2)),
    Job("sweep what waits for canceled messages", outbox.sweep_canceled, timedelta(seconds=5)),
    Job("let go what changed limits had booked", rates.let_go, timedelta(seconds=5)),
    Job("judge what mail servers refused", refusals.judge_new, timedelta(seconds=2)),
    Job("collect the bounces of the mailbox", collecting.collect, timedelta(minutes=1)),
    Job("collect the copies of mail of the mailbox", inbound_collecting.collect, timedelta(minutes=1)),
    Job("forget the words of old bounces", bounces_retention.forget_texts, timedelta(hours=6)),
    Job("hold the mailings that paused themselves", scheduling.hold_refused, timedelta(seconds=2)),
    Job("count what waits and what was sent", depths.count, timedelta(seconds=10)),
    Job("count and delete what is old of the ledger", pruning.prune_some, timedelta(minutes=1)),
    Job("roll up what mail servers answered", tallies.roll_up, timedelta(minutes=10)),
    Job("forget which forms were sent", once.prune, timedelta(hours=1)),
    Job("prune the counters of limits", limits.prune, timedelta(hours=1)),
    Job("remind those who have not confirmed", retention.remind, timedelta(minutes=10)),
    Job("forget sign-ups that were never confirmed", retention.forget_unconfirmed, timedelta(hours=1)),
    Job("ask who is silent whether they are still interested", asking.ask_due, timedelta(minutes=1)),
    Job("let rest who did not answer", asking.settle, timedelta(minutes=1)),
    Job("forget again who asked for it", forgetting.again, timedelta(hours=1)),
    Job("forget the networks of sign-ups", retention.forget_networks, timedelta(hours=6)),
    Job("count constituents", counting.count_due, timedelta(minutes=1)),
    Job("prune the sessions of staff", sessions.prune, timedelta(hours=6)),
    Job("give places of events that are free", places.give_all, timedelta(minutes=1)),
    Job("tell registrants that an event was moved or canceled", event_mail.tell_changes, timedelta(seconds=30)),
    Job("remind registrants of events", event_mail.remind, timedelta(seconds=30)),
    Job("write to registrants after events", event_mail.follow_up, timedelta(seconds=30)),
    Job("forget what was needed at old events", needs.forget_old, timedelta(hours=6)),
    Job("forget old lists of who attended", event_lists.forget_old, timedelta(hours=6)),
    Job("remind the owners of asks that are due", digest.send_due, timedelta(minutes=1)),
    Job("cancel what waits again about agreed asks", asks.cancel_what_waits_again, timedelta(seconds=10)),
    Job("delete the evidence of asks that are gone", filing.sweep, timedelta(hours=1)),
    Job("release the mailings that are due", scheduling.release_due, timedelta(seconds=5)),
    Job("rest and wake what goes out within hours of the day", resting.rest_and_wake, timedelta(seconds=5)),
    Job("hold the sequences that were refused", living.hold_refused, timedelta(seconds=5)),
    Job("send the steps of sequences that are due", running.work, timedelta(seconds=5)),
    Job("decide between two versions of a mailing", deciding.decide_due, timedelta(seconds=30)),
    Job("finish the mailings that were sent", scheduling.finish, timedelta(seconds=5)),
    Job("make the digests that are due", making.work, timedelta(minutes=1)),
    Job("count what people did with mailings", figures.count_due, timedelta(minutes=1)),
    Job("look at the links of mailings", links.look_due, timedelta(seconds=5)),
    Job("forget whom the cap left out of old mailings", outcomes.forget_old, timedelta(hours=12)),
    Job("delete the files of pictures that were not saved", mailing_pictures.sweep, timedelta(hours=1)),
    Job("forget who followed links today", clicks_retention.forget_visitors, timedelta(minutes=30)),
    Job("forget the texts of old replies", replies_forgetting.forget_old, timedelta(hours=6)),
    Job("read the PDFs of resources", extracting.read_due, timedelta(seconds=3)),
    Job("delete the files of pictures of actions that are gone", action_pictures.sweep, timedelta(hours=1)),
    Job("delete the files of resources that are gone", resource_files.sweep, timedelta(hours=1)),
    Job("propose the organizations that read resources", proposing.propose, timedelta(minutes=10)),
    Job("work through imports", work.work, timedelta(seconds=2)),
    Job("forget the files of old imports", runs.forget_files, timedelta(hours=12)),
    Job("forget old imports of influencers", import_traces.forget_old, timedelta(hours=12)),
]

# Jobs that others ask for by name and id, and that any worker of any host may run (PostgreSQL).
TASKS: dict[str, Callable[[int], object]] = {
    scheduling.RELEASE: scheduling.release_one,
    scheduling.FREEZE: scheduling.freeze_one,
    links.LOOK: links.look_at,
    work.IMPORT: work.work_on,
    extracting.READ: extracting.read_one,
}
