import importlib

from django.apps import AppConfig


class PoisonConfig(AppConfig):
    """Adds poisoned subscribers, before the registries are closed."""

    name = "tests.chaos.poison"

    def ready(self) -> None:
        importlib.import_module("tests.chaos.poison.subscribers")
