"""Firing: from edges to runs, against storing the rows that follow."""

from tests.benchmarks.harness import Subject
from tests.benchmarks.subjects.fire import firing

SUBJECT = Subject(firing.prepare, [firing.runs, firing.racing])
