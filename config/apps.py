from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """How it is wired. Stands last among the installed apps, so that it starts when all others have."""

    name = "config"
    verbose_name = "Config"

    def ready(self) -> None:
        """Registers our system checks, and closes the registries: whoever reads one from now on has seen it all."""
        from accounts.foundation.registry import lock_all
        from config import checks

        _ = checks
        lock_all()
