"""A coverage policy with every key."""

from typing import Any

from accounts.stakeholders.models import StakeholderRole

GOOD_COVERAGE: dict[str, Any] = {
    "kind": "coverage_policy",
    "segments_by": "company_class",
    "lines": [{"stage": "won", "engaged_people": 2, "roles": [{"role": "champion"}]}],
}
EVERY_COVERAGE: dict[str, Any] = {
    "kind": "coverage_policy",
    "lines": [
        {"roles": [], "within_days": None, "engaged_people": None, "stage": None, "segment": None},
        {"segment": "null"},
        {
            "roles": [
                {"only": {"value": "1e3", "fact": "region"}, "engaged_days": 365, "people": 50, "role": role}
                for role in reversed(StakeholderRole.Role.values)
            ],
            "within_days": 365,
            "engaged_people": 50,
            "stage": "s0",
        },
        {"segment": "no", "stage": "s1", "within_days": 1, "engaged_people": 1, "roles": [{"role": "admin"}]},
    ],
    "segments_by": "industry",
}
