"""A factory for every model: rows that hold every promise of the database, without going through a service.

For tests that need some row; what a service does is tested by calling it.
"""

import importlib
from typing import Any

from django.db import models

APPS = ("accounts", "retention", "plays")


def factory_of(model: type[models.Model]) -> Any:
    """The factory that makes rows of `model`."""
    modules = [importlib.import_module(f"tests.factories.{app}") for app in APPS]
    return next(found for module in modules if (found := getattr(module, f"{model.__name__}Factory", None)))
