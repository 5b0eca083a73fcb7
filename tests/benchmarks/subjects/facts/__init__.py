"""Facts: what accounts' activity says about them, and what a profile costs with everything in it."""

from tests.benchmarks.harness import Subject
from tests.benchmarks.subjects.facts import profiles, reading
from tests.benchmarks.subjects.facts.activity import prepare

SUBJECT = Subject(
    prepare,
    [
        reading.against_raw_signals,
        reading.over_the_book,
        profiles.of_a_batch,
    ],
)
