"""From a signal to a run: how long it takes while other signals keep arriving, one web server and one worker."""

from tests.benchmarks.harness import Subject
from tests.benchmarks.subjects.latency.arriving import prepare, signal_to_run

SUBJECT = Subject(prepare, [signal_to_run])
