"""What every model promises: it says what a row is, whose it is, what in it is personal, and where it stands."""

import ast
import inspect
import re

import pytest
from django.contrib.contenttypes.fields import GenericForeignKey
from django.core.exceptions import FieldDoesNotExist

from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import User
from tests.architecture.code import classes, modules, our_models, place

MODELS = [pytest.param(model, id=model._meta.label) for model in our_models()]
PERSONAL_NAMES = {
    "address",
    "birthday",
    "email",
    "first_name",
    "full_name",
    "ip_address",
    "job_title",
    "last_name",
    "mobile",
    "phone",
    "user_agent",
    "username",
}
"""Field names that can only be about a person."""
ABOUT_A_PERSON = {"name", "title", "external_id", "sentiment"}
"""Field names that are about a person where the row is one: where it has an e-mail address."""
A_SENTENCE = re.compile(r"[a-z0-9]+(_[a-z0-9]+){3,}")


def target(model, path):
    """The model that a lookup path leads to."""
    for step in path.split("__"):
        model = model._meta.get_field(step).related_model
    return model


def foreign_keys(model):
    return [field for field in model._meta.concrete_fields if field.is_relation]


@pytest.mark.parametrize("model", MODELS)
def test_says_what_a_row_is(model):
    text = inspect.cleandoc(vars(model).get("__doc__") or "")
    generated = f"{model.__name__}({', '.join(field.name for field in model._meta.fields)})"
    assert text
    assert text != generated
    first = text.splitlines()[0]
    assert len(text.split()) >= 6, f"one sentence or more: {first}"
    assert text.endswith("."), f"whole sentences: {first}"


@pytest.mark.parametrize("model", MODELS)
def test_declares_area_account_and_personal_fields_itself(model):
    assert issubclass(model, Record)
    missing = {"AREA", "ACCOUNT_PATH", "PERSONAL"} - vars(model).keys()
    assert not missing, "inherited declarations are somebody else's"
    assert model.AREA in Area.values


@pytest.mark.parametrize("model", MODELS)
def test_constraints_read_as_sentences(model):
    names = [constraint.name for constraint in model._meta.constraints]
    assert [name for name in names if not A_SENTENCE.fullmatch(name)] == []
    assert not model._meta.unique_together, "a constraint has a name that explains it"


@pytest.mark.parametrize("model", MODELS)
def test_indexes_have_names_of_ours(model):
    automatic = [index.name for index in model._meta.indexes if re.search(r"_[0-9a-f]{6}_idx$", index.name)]
    assert not automatic


def test_every_index_says_its_job_in_a_comment():
    silent = []
    for module in modules("accounts", "content", "retention", "plays"):
        lines = module.text.splitlines()
        for meta in (node for node in classes(module) if node.name == "Meta"):
            for call in (node for node in ast.walk(meta) if isinstance(node, ast.Call)):
                is_index = isinstance(call.func, ast.Attribute) and call.func.attr.endswith("Index")
                if is_index and not lines[call.lineno - 2].strip().startswith("# "):
                    silent.append(f"{module.file}:{call.lineno}")
    assert not silent, "a comment above each index names the query that needs it"


@pytest.mark.parametrize("model", MODELS)
def test_the_account_path_leads_to_an_account(model):
    path = model.ACCOUNT_PATH
    assert (path == "") == (model is Account)
    if path:
        assert target(model, path) is Account


@pytest.mark.parametrize("model", MODELS)
def test_a_row_of_an_account_is_reached_through_its_path(model):
    if model is Account:
        return
    direct = [field.name for field in foreign_keys(model) if field.related_model is Account]
    if direct:
        assert model.ACCOUNT_PATH in direct
    required = [field for field in foreign_keys(model) if not field.null]
    hanging = [field.name for field in required if getattr(field.related_model, "ACCOUNT_PATH", None)]
    if hanging:
        assert model.ACCOUNT_PATH is not None, f"{hanging} belong to an account, so this row does too"


@pytest.mark.parametrize("model", MODELS)
def test_the_assigned_path_leads_to_a_user(model):
    if model.ASSIGNED_PATH:
        assert target(model, model.ASSIGNED_PATH) is User


@pytest.mark.parametrize("model", MODELS)
def test_foreign_keys_point_down(model):
    mine = place(model.__module__)
    upward = []
    for field in foreign_keys(model):
        theirs = place(field.related_model.__module__)
        if theirs[:2] > mine[:2] or (theirs[:2] == mine[:2] and theirs[2] != mine[2]):
            upward.append(f"{field.name} → {field.related_model._meta.label}")
    assert not upward, "the higher row holds the foreign key"


@pytest.mark.parametrize("model", MODELS)
def test_has_no_generic_foreign_key(model):
    generic = [field.name for field in model._meta.private_fields if isinstance(field, GenericForeignKey)]
    assert not generic
    assert "content_type" not in {field.name for field in model._meta.get_fields()}


@pytest.mark.parametrize("model", MODELS)
def test_fields_that_look_personal_are_declared(model):
    names = {field.name for field in model._meta.concrete_fields}
    personal = names & (PERSONAL_NAMES | (ABOUT_A_PERSON if "email" in names else set()))
    assert not personal - model.PERSONAL.keys(), "declare them in PERSONAL: purpose, retention, what erasure does"


@pytest.mark.parametrize("model", MODELS)
def test_declarations_name_fields_that_exist_and_say_something(model):
    for name, personal in model.PERSONAL.items():
        model._meta.get_field(name)
        assert len(personal.purpose.split()) >= 3
        assert len(personal.retention.split()) >= 2
    for name in model.SECRET:
        model._meta.get_field(name)


def test_the_checks_can_fail():
    assert not A_SENTENCE.fullmatch("accounts_contract_uniq")
    with pytest.raises(FieldDoesNotExist):
        target(User, "team__account")
    with pytest.raises(AssertionError):
        place("accounts.attic.models")
    assert place("accounts.facts.models") > place("accounts.portfolio.models")
    assert place("plays.runs.models") > place("retention.work.models")
