"""Conditions and evaluation: fifty rules over a whole book, in full, by increments, and in memory."""

from tests.benchmarks.harness import Subject
from tests.benchmarks.subjects.evaluation import memory, passes, promises, scans
from tests.benchmarks.subjects.evaluation.watched import prepare

SUBJECT = Subject(
    prepare,
    [
        scans.one_scan,
        scans.waking,
        scans.one_query_each,
        passes.with_writes,
        passes.memory,
        passes.longest_transactions,
        memory.one_account,
        promises.statements,
        promises.verdicts,  # last, over all that the others did
    ],
    growing=[scans.one_scan],
)
