"""Rows change in services, through the audit verbs. What machines write by the thousand is listed with its writers."""

import ast

import pytest
from django.contrib import admin

from accounts.foundation.records import Record
from tests.architecture.code import APPS, ROOT, Module, modules, our_models
from tests.architecture.writes import MACHINE_COLUMNS, MACHINE_WRITTEN, VERBS, is_allowed, writes


def found_in(text):
    return [(write.model, write.text) for write in writes(ast.parse(text))]


def test_nothing_is_written_past_the_services():
    past = [
        f"{module.file}:{write.line}: {write.text}"
        for module in modules()
        for write in writes(module.tree)
        if not is_allowed(write, module)
    ]
    assert not past, "call a service; it writes the audit entry:\n" + "\n".join(past)


def test_the_lists_name_models_and_modules_that_exist():
    names = {model.__name__ for model in our_models()}
    assert MACHINE_WRITTEN.keys() | MACHINE_COLUMNS.keys() <= names
    assert not MACHINE_WRITTEN.keys() & MACHINE_COLUMNS.keys()
    listed = VERBS.union(*MACHINE_WRITTEN.values(), *MACHINE_COLUMNS.values())
    assert listed <= {module.name for module in modules()}


@pytest.mark.parametrize("model", [*MACHINE_WRITTEN, *MACHINE_COLUMNS])
def test_every_listed_writer_writes(model):
    """A line of the list that nobody needs would hide the day it is needed for something else."""
    for name in {**MACHINE_WRITTEN, **MACHINE_COLUMNS}[model]:
        text = (ROOT / (name.replace(".", "/") + ".py")).read_text()
        assert model in text, f"{name} is listed for {model}"


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("Account.objects.create(name='x')", "Account"),
        ("Account.objects.filter(pk=1).update(name='x')", "Account"),
        ("Account.objects.filter(pk=1)[:5].delete()", "Account"),
        ("Account._default_manager.bulk_create(rows)", "Account"),
        ("Contract.objects.select_related('account').get_or_create(key='x')", "Contract"),
        ("many.insert(Account, rows)", "Account"),
        ("many.upsert(Contract, rows)", "Contract"),
        ("many.delete_all(Account.objects.filter(pk=1))", "Account"),
        ("cursor.execute(f'UPDATE {Account._meta.db_table} SET name = %s')", "Account"),
        ("cursor.execute('DELETE FROM accounts_account')", None),
        ("account.save()", None),
        ("account.save(update_fields=['name'])", None),
        ("rows.update(state='open')", None),
        ("account.children.create(name='x')", None),
        ("member.delete()", None),
        ("super().save()", None),
        ("type(row).objects.filter(pk=1).update(state='done')", None),
    ],
)
def test_finds(text, model):
    assert [found for found, _ in found_in(text)] == [model]


@pytest.mark.parametrize(
    "text",
    [
        "audit.update(account, verb='account.change', by=by, at=at, name='x')",
        "audit.create(account, verb='account.create', by=by, at=at)",
        "audit.delete(member, verb='account.unassign', by=by, at=at)",
        "portfolio.create(name='x', by=by, at=at)",
        "found.update(seen)",
        "seen.update({'a': 1})",
        "form.save(commit=False)",
        "people.save(users, at=at)",
        "Schedule.objects.update_or_create(name='x')",
        "Account.objects.filter(name='x').first()",
    ],
)
def test_leaves_alone(text):
    assert found_in(text) == []


def test_an_audited_model_is_written_by_the_services_of_its_own_room_only():
    [write] = writes(ast.parse("Account.objects.filter(pk=1).update(name='x')"))
    allowed = {module.name for module in modules() if is_allowed(write, module)}
    assert allowed == {"accounts.foundation.audit", "accounts.portfolio.services"}


def test_a_row_of_unknown_model_is_not_written_by_pages_and_doors():
    [write] = writes(ast.parse("account.save()"))
    for name in ("accounts/portfolio/admin.py", "accounts/ingestion/doors.py", "config/pipeline.py"):
        assert not is_allowed(write, Module(ROOT / name))


def test_a_page_that_changes_rows_does_it_through_a_service():
    """Django's own `save_model` saves the row past every service, and its `delete_model` deletes it."""
    for model, page in admin.site._registry.items():
        if not issubclass(model, Record):
            continue
        saves, deletes = type(page).save_model.__module__, type(page).has_delete_permission.__module__
        assert not getattr(page, "editable", True) or saves.startswith(APPS), f"{page} saves {model} past its service"
        assert deletes.startswith(APPS), f"{page} deletes {model} past its service"
