"""Registries are filled while the apps start; from then on whoever reads one has seen all there is."""

from importlib import import_module

import pytest

from accounts.foundation.registry import AlreadyRegistered, Registry, RegistryLocked, all_registries, lock_all
from tests.architecture.code import modules

REGISTRIES = [pytest.param(registry, id=registry.kind) for registry in all_registries() if registry.is_locked]


@pytest.mark.parametrize("registry", REGISTRIES)
def test_nothing_is_added_after_start_up(registry):
    before = list(registry)
    with pytest.raises(RegistryLocked, match="after start-up"):
        registry.add("a latecomer", object())
    assert list(registry) == before


@pytest.mark.parametrize("registry", REGISTRIES)
def test_every_registry_is_filled_at_start_up(registry):
    assert len(registry) > 0, "an extension point that nobody uses"


def test_the_registries_of_the_product_are_there():
    kinds = {registry.kind for registry in all_registries() if registry.is_locked}
    assert kinds >= {"event kind", "event subscriber", "fact", "kind of work", "kind of step", "kind of playbook file"}


def test_every_module_is_imported_without_registering_anything_late():
    """A module that registers something and that no ready() imports would raise here."""
    entrances = {"config.wsgi"}  # sets the logging up anew
    names = [module.name for module in modules() if module.name not in entrances]
    for name in names:
        import_module(name)
    late = [registry.kind for registry in all_registries() if not registry.is_locked and len(registry)]
    assert not late, "import them from their app's ready()"


def test_two_entries_of_one_name_are_refused():
    registry = Registry("example")
    registry.add("one", 1)
    with pytest.raises(AlreadyRegistered, match="called 'one'"):
        registry.add("one", 2)
    assert registry["one"] == 1


def test_locking_closes_every_registry_there_is():
    registry = Registry("example")
    registry.register("one")(1)
    lock_all()
    with pytest.raises(RegistryLocked):
        registry.register("two")(2)
    assert registry.items() == [("one", 1)]
