"""The REST API: what a page of accounts costs, with everything a program reads in it."""

from tests.benchmarks.harness import Subject
from tests.benchmarks.subjects.api import lists

SUBJECT = Subject(lists.prepare, [lists.a_page, lists.its_queries, lists.a_whole_request])
