from accounts.foundation.clock import now
from accounts.touches import services


def forget_words() -> int:
    """Deletes what was said in touches that are older than their words are kept."""
    return services.forget_words(at=now())
