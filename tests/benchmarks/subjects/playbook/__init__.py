"""The starter playbook in force over a whole book: what the builder counts while somebody types, and the passes."""

from tests.benchmarks.harness import Subject
from tests.benchmarks.subjects.playbook import counting, passing
from tests.benchmarks.subjects.playbook.installed import prepare

SUBJECT = Subject(prepare, [counting.live, passing.with_writes, passing.longest_transactions])
