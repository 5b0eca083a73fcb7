"""Signals: what the fold costs beyond storing the rows it prepares, and the doors beyond reading a request."""

from tests.benchmarks.harness import Subject
from tests.benchmarks.subjects.fold import doors, folding
from tests.benchmarks.subjects.fold.stream import prepare

SUBJECT = Subject(
    prepare,
    [
        folding.into_an_empty_table,
        folding.repeats,
        folding.with_known_ids,
        doors.acceptance,
    ],
)
