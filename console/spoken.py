"""What rows keep as codes, as people say it: who did something, and which move of a number's life it was."""

import re

_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: `sweep:…`: the tasks that look for what is due, each by what it looks after.
_SWEEPS = {
    "sourced": "the intake of the lab",
    "retests": "the retests",
    "quarantine": "the quarantine engine",
    "releases": "the end of reclaim windows",
    "reservations": "the end of holds",
    "rules": "a change of the rules",
    "retention": "the retention policy",
    "filings": "the returns to authorities",
    "closed_accounts": "the closing of an account",
    "restock": "the restock engine",
    "catalogue": "the reading of the catalogue",
    "honesty": "the score of honest catalogues",
}
#: The verbs of `inventory.lifecycle.MOVES`, and those of a birth, told of what has happened.
_MOVES = {
    "source": "received",
    "import": "imported",
    "start_tests": "sent to the lab",
    "pass_tests": "passed its tests",
    "pass_retest": "passed its retest",
    "fail_tests": "failed its tests",
    "clear": "found clean",
    "clear_to_retest": "found clean, retest due",
    "reserve": "put into a basket",
    "lapse": "left in the basket",
    "assign": "bought",
    "release": "given back",
    "reclaim": "taken back by its customer",
    "expire": "reclaim window over",
    "retire": "retired",
}


def actor(code: str) -> str:
    """Who a row names (`user:ada@example.com`, `sweep:retests`, `lab:host:17`), in words; what is unknown stays."""
    kind, _, who = code.partition(":")
    if kind == "sweep":
        return _SWEEPS.get(who, f"the sweep of {who.replace('_', ' ')}")
    if kind == "lab":
        return "the lab" if who == "drift" else f"the lab ({who})"
    told = {"user": "{}", "provider": "provider {}", "account": "account {}", "command": "command {}"}
    return told[kind].format(who) if kind in told and who else code


def exchange(name: str) -> str:
    """A kind of evidence (`InboundCall`), in words."""
    words = _HUMPS.sub(" ", name)
    return words if words.isupper() else words[:1] + words[1:].lower()


def move(verb: str) -> str:
    """A verb of the lifecycle, in words; what is unknown stays, without its underscores."""
    return _MOVES.get(verb, verb.replace("_", " "))
