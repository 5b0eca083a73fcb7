"""Files of handoffs for tests: a good one, and one that uses every key."""

from typing import Any

from tests.plays.playbook.conditions import EVERY_OPERATOR_BUT_HELD, HOSTILE

GOOD_HANDOFF: dict[str, Any] = {
    "kind": "handoff",
    "key": "to_service",
    "name": "To service",
    "giver": "csm",
    "receiver": "support_lead",
    "complete_within": "1 bd",
    "accept_within": "2 bd",
    "sections": [{"key": "set_up", "name": "Set-up", "items": [{"key": "stack", "name": "Stack", "evidence": "text"}]}],
}
EVIDENCE = ("text", "number", "date", "link", "file", "stakeholder", "yes_no", "fact", "promises", "plan")
EVERY_HANDOFF: dict[str, Any] = {
    "kind": "handoff",
    "key": "1e3",
    "name": "0x1",
    "meaning": "Two: #1",
    "starts_with": "new",
    "starts_on_change_of": "csm",
    "giver": "ae",
    "receiver": "csm",
    "complete_within": "4 bh",
    "accept_within": "14 d",
    "promised": [
        {"key": "no", "label": "null", "within": "5 bd"},
        {"fact": "kickoff_held_at", "within": "30 d", "label": "~", "key": "kickoff"},
    ],
    "sections": [
        {
            "key": "no",
            "name": text[:120],
            "meaning": text[:250],
            "raci": {"support": "I", "sales": "A", "cs": "R"},
            "items": [
                {
                    "raci": {"cs": "AR"},
                    "blocks_when": EVERY_OPERATOR_BUT_HELD,
                    "due_at_commit": True,
                    "due": "3 bd",
                    "facts": ["arr", "employees"],
                    "help": text[:500],
                    "evidence": evidence,
                    "name": text[:200],
                    "key": f"{evidence}",
                    **({"role": "champion"} if evidence == "stakeholder" else {}),
                }
                for evidence in EVIDENCE
            ]
            + [{"key": "plain", "name": "Plain", "evidence": "text", "blocks": True}],
        }
        for text in [next(one for one in HOSTILE if one.strip())]
    ]
    + [
        {
            "key": f"s{number}",
            "name": text[:120],
            "items": [{"key": f"i{number}", "name": text[:200], "evidence": "link"}],
        }
        for number, text in enumerate(one for one in HOSTILE if one.strip())
    ],
}
