from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """How it is wired. Stands last among the installed apps, so that it starts when all others have."""

    name = "config"
    verbose_name = "Config"

    def ready(self) -> None:
        """Registers checks, limits, how instants are read; closes the registries: who reads one now has seen it all."""
        from accounts.foundation.registry import lock_all
        from config import checks, instants, limits

        _ = checks, instants, limits
        lock_all()
