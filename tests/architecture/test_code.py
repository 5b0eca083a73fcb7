"""The tail of a code base is what makes it tiring: files stay short, functions shorter, and nothing says nothing."""

import ast
import re
from importlib import import_module

import pytest
from django.core.management import get_commands, load_command_class
from django.utils.module_loading import import_string

from config import schedules
from tests.architecture.code import APPS, modules

LONGEST_MODULE, LONGEST_FUNCTION = 300, 40
OURS = sorted(name for name, app in get_commands().items() if app in APPS)


def functions(module):
    return [node for node in ast.walk(module.tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def test_modules_stay_short():
    long = [module.file for module in modules(*APPS, "tests") if len(module.text.splitlines()) > LONGEST_MODULE]
    assert not long, "make it a folder of the same name, one topic a file"


def test_functions_stay_short():
    long = [
        f"{module.file}:{node.lineno} {node.name}"
        for module in modules(*APPS, "tests")
        for node in functions(module)
        if node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not long


def test_there_are_no_drawers_for_everything():
    drawers = re.compile(r"/(utils?|helpers?|common|misc)(\.py|/)")
    assert [module.file for module in modules(*APPS, "tests") if drawers.search(f"/{module.file}")] == []


@pytest.mark.parametrize("name", OURS)
def test_every_command_says_what_it_is_for(name):
    app = get_commands()[name]
    text = load_command_class(app, name).help
    assert len(text.split()) >= 5, f"`manage.py help {name}` must say what it does"
    assert text.endswith(".")


def test_there_are_commands_of_ours():
    assert {"run", "work", "playbook", "conditions"} <= set(OURS)


@pytest.mark.parametrize("job", schedules.JOBS, ids=lambda job: job.name)
def test_every_recurring_job_exists_and_says_what_it_is_for(job):
    assert callable(import_string(job.function))
    assert job.minutes >= 1
    assert len(job.purpose.split()) >= 5
    assert job.purpose.endswith(".")


def test_recurring_jobs_have_names_of_their_own():
    assert len({job.name for job in schedules.JOBS}) == len(schedules.JOBS)


@pytest.mark.parametrize("job", schedules.JOBS, ids=lambda job: job.name)
def test_every_recurring_job_is_tested(job):
    module, _, function = job.function.rpartition(".")
    call = re.compile(rf"\b{module.rpartition('.')[2]}\.{function}\(")
    assert any(call.search(test.text) for test in modules("tests")), f"no test calls {job.function}"


def test_the_bell_rings_something_that_exists(settings):
    module, _, function = settings.BELL_TARGET.rpartition(".")
    assert callable(getattr(import_module(module), function))
