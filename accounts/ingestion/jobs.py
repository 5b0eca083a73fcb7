from accounts.foundation.clock import now
from accounts.ingestion import services


def forget() -> int:
    """Deletes what signals left behind and whose time is over."""
    return services.forget(at=now())
