"""Settings of an installation that is poisoned on purpose."""

from config.settings.base import *  # noqa: F403

# Before the wiring, which closes the registries.
INSTALLED_APPS.insert(INSTALLED_APPS.index("config"), "tests.chaos.poison.apps.PoisonConfig")  # noqa: F405
