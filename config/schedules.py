"""Every recurring job, in one table."""

from dataclasses import dataclass


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
        "visits",
        "accounts.ingestion.jobs.forget_visits",
        60,
        "Deletes visits of people whom nobody identified.",
    ),
    Job("demo", "config.demo.pulse.beat", 10, "Lets the accounts of a demo book live on; elsewhere it does nothing."),
]


def sync() -> None:
    """Makes the queue's schedules equal to the table."""
    from django_q.models import Schedule

    for job in JOBS:
        Schedule.objects.update_or_create(
            name=job.name,
            defaults={"func": job.function, "schedule_type": Schedule.MINUTES, "minutes": job.minutes, "repeats": -1},
        )
    Schedule.objects.exclude(name__in=[job.name for job in JOBS]).delete()
