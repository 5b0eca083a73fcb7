"""Workers over one installation that are killed and replaced, and what is there of a play."""

import subprocess

from tests.chaos.installation import Installation, kill
from tests.chaos.runs import PUMP, SETUP


class Pumps:
    """Some workers in processes of their own; one that ended is replaced. `more` is run before they begin."""

    def __init__(self, place: Installation, count: int, more: str = "", *arguments: str) -> None:
        self.place, self.slow = place, place.folder / "slow"
        self.command = "-c", SETUP + more + PUMP, str(self.slow), *arguments
        self.all = [self._start() for _ in range(count)]

    def _start(self) -> "subprocess.Popen[bytes]":
        return self.place.start(*self.command)

    def kill(self, which: int) -> bool:
        """Ends one at once, and starts another in its place."""
        ended = kill(self.all[which].pid)
        self.all[which].wait()
        self.all[which] = self._start()
        return ended

    def __enter__(self) -> "Pumps":
        return self

    def __exit__(self, *error: object) -> None:
        for pump in self.all:
            kill(pump.pid)
            pump.wait()


def number(place: Installation, text: str) -> int:
    return int(place.rows(text)[0][0])


def items(place: Installation, play: str) -> int:
    """The work that came of a play, which is what people would see twice."""
    return number(place, f"SELECT count(*) FROM retention_workitem WHERE title LIKE 'No CSM yet: Call {play} %'")


def counts(place: Installation, play: str) -> dict[str, int]:
    """What is there of a play, and for how many accounts: the two differ where something is doubled."""
    of_play = f"FROM plays_run r JOIN plays_play p ON p.id = r.play_id WHERE p.key = '{play}'"
    work = f"FROM retention_workitem WHERE title LIKE 'No CSM yet: Call {play} %'"
    events = f"FROM accounts_accountevent WHERE kind = 'run.started' AND account_id IN (SELECT r.account_id {of_play})"
    asked = {
        "runs": f"SELECT count(*) {of_play}",
        "accounts with a run": f"SELECT count(DISTINCT r.account_id) {of_play}",
        "work": f"SELECT count(*) {work}",
        "accounts with work": f"SELECT count(DISTINCT account_id) {work}",
        "events": f"SELECT count(*) {events}",
    }
    return {name: number(place, text) for name, text in asked.items()}


def once(count: int) -> dict[str, int]:
    return dict.fromkeys(["runs", "accounts with a run", "work", "accounts with work", "events"], count)
