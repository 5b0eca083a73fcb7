"""Who reads edges as part of the pass itself."""

import datetime as dt
from collections.abc import Callable, Sequence

from accounts.foundation.registry import Registry
from retention.evaluation.models import Edge

Outcome = Callable[[Sequence[Edge], dt.datetime], None]

outcomes: Registry[Outcome] = Registry("outcome of a pass")
"""Reader → what it derives from its edges, in the transaction of the pass. Other readers find theirs pending."""
