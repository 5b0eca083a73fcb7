"""The verbs of the trail in the words of a sentence: `work.close` reads *closed*."""

import re

IRREGULAR = {
    "set": "set",
    "unset": "unset",
    "stand_still": "let stand still",
    "go_on": "let go on",
    "tell": "told of",
    "copy": "carried out",
    "erasure": "carried out",
    "come_back": "let back",
    "override": "overrode",
    "hold": "held",
    "write": "wrote down",
    "make": "made",
    "found": "set up",
    "forget": "forgot",
    "give_back": "gave back to the criteria",
    "lead": "chose who leads",
    "log": "logged",
    "plan": "planned",
    "stop": "stopped",
    "cancel": "cancelled",
    "set_outbound": "changed the outbound mode of",
    "switch_off": "switched off",
    "close_loop": "closed the loop of",
    "criterion_add": "added",
    "criterion_change": "changed",
    "criterion_remove": "removed",
    "role_add": "added",
    "role_remove": "removed",
    "topic_add": "added",
    "topic_remove": "removed",
    "unassign": "removed",
    "withdraw": "withdrew",
    "merge": "merged another account into",
    "send_again": "sent again",
    "leave": "left unsent",
    "end": "ended",
    "undo": "undid",
    "discard": "discarded",
    "take_back": "took back",
    "step_done": "finished the step of",
    "plan_step": "planned the next step of",
    "publish": "published",
    "link": "linked",
    "drop": "gave up",
    "skip": "took for not needed",
    "show": "showed to prospects",
    "hide": "hid from prospects",
    "miss": "told that use falls short of",
    "recover": "noted that use recovered for",
}
DOORS = {
    "console": "in the console",
    "api": "over the API",
    "import": "by an import",
    "command": "from the command line",
    "job": "by itself",
    "playbook": "from the playbook",
    "shared": "on a page shared with a customer",
}


WHOLE = {
    "fact.set": "set facts of",
    "plan_link.open": "noted a look through",
    "user.make_link": "made a sign-in link for",
    "user.mail_link": "mailed a sign-in link to",
    "user.set_password": "set the password of",
    "user.end_sessions": "ended the sessions of",
    "user.move": "put on another team",
    "user.sign_in": "signed in as",
    "factor.enable": "turned on",
    "factor.disable": "turned off",
    "factor.move": "moved to another phone",
    "factor.renew_recovery_codes": "renewed the recovery codes of",
    "factor.use_recovery_code": "used a recovery code of",
}
"""Verbs that need more than their last word."""


def past(verb: str) -> str:
    """What the verb after the dot says happened: `webhook.pause` is *paused*."""
    if verb in WHOLE:
        return WHOLE[verb]
    word = verb.rpartition(".")[2]
    if word in IRREGULAR:
        return IRREGULAR[word]
    first, _, rest = word.partition("_")
    if first.endswith("e"):
        first += "d"
    elif re.search(r"[^aeiou]y$", first):
        first = f"{first[:-1]}ied"
    else:
        first += "ed"
    return f"{first} {rest.replace('_', ' ')}".strip()


def door(name: str) -> str:
    """How a change came in, as a sentence ends."""
    return DOORS.get(name, f"through {name}")
