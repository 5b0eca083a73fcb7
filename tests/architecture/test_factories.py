"""Every model has a factory whose rows hold every promise."""

import importlib.util
import inspect

import pytest
from factory.django import DjangoModelFactory

from tests.architecture.code import ROOMY, our_models


def factories():
    """Model → its factories, from the one module of each app."""
    found = {}
    for app in ROOMY:
        name = f"tests.factories.{app}"
        module = importlib.import_module(name) if importlib.util.find_spec(name) else None
        for _, one in inspect.getmembers(module, inspect.isclass):
            if issubclass(one, DjangoModelFactory) and one.__module__.startswith(name):
                found.setdefault(one._meta.model, []).append(one)
    return found


FACTORIES = factories()
MODELS = [pytest.param(model, id=model._meta.label) for model in our_models()]


@pytest.mark.parametrize("model", MODELS)
def test_has_one_factory_in_the_module_of_its_app(model):
    [factory] = FACTORIES.get(model, [])
    assert factory.__name__ == f"{model.__name__}Factory"
    assert factory.__module__.startswith(f"tests.factories.{model._meta.app_label}")


@pytest.mark.parametrize("model", MODELS)
def test_makes_rows_that_hold_every_promise(model, db):
    [factory] = FACTORIES[model]
    row = factory()
    empty_by_default = [field.name for field in model._meta.fields if field.get_default() in ({}, [])]
    row.full_clean(exclude=empty_by_default)  # a form may not leave them empty, the machines that write them may
    assert model.objects.get(pk=row.pk) == row
    if model._meta.label not in ("accounts.Pepper", "accounts.Workspace", "retention.IdealProfile"):
        factory()
        assert model.objects.count() >= 2, "two of them can stand side by side"


def test_a_row_of_an_account_and_what_it_hangs_on_share_the_account(db):
    """A factory that mixed two accounts would let a test of scope pass for the wrong reason."""
    for model, [factory] in FACTORIES.items():
        if model.ACCOUNT_PATH:
            row = factory()
            direct = getattr(row, "account", None)
            for name in ("contract", "decision", "run"):
                other = getattr(row, name, None)
                if direct and other:
                    assert other.account == direct, f"{model._meta.label}.{name}"
