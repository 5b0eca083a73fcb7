from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """How it is wired. Stands last among the installed apps, so that it starts when all others have."""

    name = "config"
    verbose_name = "Config"

    def ready(self) -> None:
        """Registers checks and how instants are read; closes the registries: whoever reads one now has seen it all."""
        from accounts.foundation.registry import lock_all
        from config import checks, instants

        _ = checks, instants
        lock_all()
