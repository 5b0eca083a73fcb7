"""Every recurring job, in one table."""

from dataclasses import dataclass

from accounts.foundation.lanes import lane


@dataclass(frozen=True)
class Job:
    """One recurring job: what it calls, how often in minutes, and what it is for."""

    name: str
    function: str
    minutes: int
    purpose: str


JOBS = [
    Job("tick", "config.pipeline.tick", 1, "Finds work that is due although no bell rang, and closes windows by day."),
    Job("nightly", "config.pipeline.nightly", 10, "Once a night looks at every account, to see that none was missed."),
    Job(
        "signals",
        "accounts.ingestion.jobs.forget",
        60,
        "Deletes visits of people whom nobody identified, and what stayed in quarantine, past their time.",
    ),
    Job("outbox", "accounts.outbox.jobs.forget", 60, "Deletes the words of messages that are kept no longer."),
    Job(
        "answers",
        "accounts.idempotency.jobs.forget",
        60,
        "Deletes answers kept for repeated requests, past their time.",
    ),
    Job("allowances", "accounts.throttling.jobs.forget", 24 * 60, "Deletes what callers used of limits a day ago."),
    Job("words", "accounts.touches.jobs.forget_words", 24 * 60, "Deletes what was said in touches, past its time."),
    Job("limits", "config.limits.watch.look", 60, "Tells administrators of limits of which most is used."),
    Job(
        "stages",
        "retention.lifecycle.jobs.end_moves",
        60,
        "Gives accounts that were put into a stage until some day back to its criteria.",
    ),
    Job(
        "late",
        "retention.work.jobs.alert_late",
        24 * 60,
        "Opens work for accounts that became behind or stuck in their stage.",
    ),
    Job(
        "goals",
        "retention.success_plans.goals.check",
        60,
        "Tells of goals of use that were reached, and whom to ask where use falls short of what was agreed.",
    ),
    Job(
        "reviews",
        "retention.success_plans.reviews.ask_all",
        60,
        "Makes the next review of a success plan work of the CSM, where that is lacking.",
    ),
    Job(
        "office_hours",
        "retention.success_plans.office_hours.services.ask_all",
        60,
        "Makes the next date of office hours work of their host, where that is lacking.",
    ),
    Job("digests", "retention.work.digest.send", 10, "Mails the daily digests, and tells of work due within a day."),
    Job("demo", "config.demo.pulse.beat", 10, "Lets the accounts of a demo book live on; elsewhere it does nothing."),
]


def sync() -> None:
    """Makes the queue's schedules equal to the table; workers that start at once do not write them twice."""
    from django_q.models import Schedule

    with lane("schedules"):
        for job in JOBS:
            wanted = {"func": job.function, "schedule_type": Schedule.MINUTES, "minutes": job.minutes, "repeats": -1}
            if not Schedule.objects.filter(name=job.name).update(**wanted):
                Schedule.objects.create(name=job.name, **wanted)
        Schedule.objects.exclude(name__in=[job.name for job in JOBS]).delete()
