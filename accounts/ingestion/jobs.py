from accounts.foundation.clock import now
from accounts.ingestion import services


def forget_visits() -> int:
    """Deletes what was held for visitors that nobody identified in time."""
    return services.forget_visits(at=now())
