"""Which sources profiles take for silent, so that all accounts are told when that changes."""

import datetime as dt

from accounts.workspace.models import Source
from accounts.workspace.queries import is_stale


def noted(*, at: dt.datetime) -> list[Source]:
    """Every source, with what profiles say of it from `at` on; one of which that changes is told to all its accounts.

    Called before profiles are made: were it noted later, a source that speaks again meanwhile would look as if it had
    never been silent, and those who were told that it is would hear nothing more.
    """
    sources = list(Source.objects.order_by("pk"))
    for source in sources:
        silent = is_stale(source, at=at)
        if silent != source.reads_silent:
            source.reads_silent, source.told_until = silent, 0
            Source.objects.filter(pk=source.pk).update(reads_silent=silent, told_until=0)
    return sources


def told(source: Source, *, until: int | None) -> None:
    """Notes up to which account the change of `source` is told; None when all of its accounts know."""
    Source.objects.filter(pk=source.pk).update(told_until=until)
