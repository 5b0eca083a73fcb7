"""Find and end the processes a supervisor started, whoever their parent has become.

Every child carries a marker in its environment, and so does everything it starts in turn. `/proc` shows that
environment, so a process is ended because it proves to be ours, never because a recorded number happens to be
in use again. Without `/proc` (macOS) only the process groups of living children can be ended.
"""

import contextlib
import ctypes
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

MARKER = "HOLDFAST_SUPERVISOR"
PROC = Path("/proc")
PR_SET_PDEATHSIG = 1


def new_marker() -> str:
    """A value of `MARKER` for the children of this process: its id, and what no other run has."""
    return f"{os.getpid()}-{secrets.token_hex(8)}"


def marked(marker: str) -> list[int]:
    """Ids of the living processes that carry `marker`, or a marker below it (`marker/name`)."""
    entry = f"{MARKER}={marker}".encode()
    return _whose_environment_has(lambda variable: variable == entry or variable.startswith(entry + b"/"))


def marked_by(supervisor: int) -> list[int]:
    """Ids of the living processes that the supervisor of this id started, itself or through its children."""
    return _whose_environment_has(lambda variable: variable.startswith(f"{MARKER}={supervisor}-".encode()))


def started_at(pid: int) -> int | None:
    """When the living process `pid` began, in clock ticks since boot; None when there is none."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, start = fields[0], fields[19]
    return None if state in "ZX" else int(start)


def kill_marked(marker: str, groups: Iterable[int] = (), *, within: float = 2.0) -> list[int]:
    """Kill the process groups named, then what carries `marker`, until none is left; the ids that were ended."""
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    ended: set[int] = set()
    deadline = time.monotonic() + within
    while (alive := marked(marker)) and time.monotonic() < deadline:
        for pid in alive:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        ended.update(alive)
        time.sleep(0.02)
    return sorted(ended)


def record(folder: Path, marker: str, children: dict[str, int]) -> None:
    """Write down who we are and whom we started, for the next start should we be killed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = _record_of(folder)
    content = {"marker": marker, "pid": os.getpid(), "started_at": started_at(os.getpid()), "children": children}
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(content))
    draft.replace(path)


def forget(folder: Path) -> None:
    """Remove what `record` wrote: nothing of ours is left."""
    _record_of(folder).unlink(missing_ok=True)


def end_leftovers(folder: Path) -> list[int]:
    """End what supervisors recorded in `folder` left behind when they were killed; the ids that were ended."""
    ended: list[int] = []
    for path in folder.glob("supervisor-*.json"):
        try:
            content = json.loads(path.read_text())
            pid, started, marker = content["pid"], content["started_at"], content["marker"]
        except (ValueError, KeyError, OSError):
            path.unlink(missing_ok=True)
            continue
        if started is not None and started_at(pid) == started:
            continue  # that supervisor lives, perhaps on another port
        ended += kill_marked(marker)
        path.unlink(missing_ok=True)
    return ended


def end_with_supervisor() -> None:
    """Called by a child as it begins: it is asked to end when its supervisor dies. Linux only; else nothing."""
    supervisor = os.environ.get(MARKER, "").partition("-")[0]
    if not supervisor:
        return  # started by hand or by another supervisor (systemd, a container)
    signal_on_death_of_parent(signal.SIGTERM)
    if os.getppid() != int(supervisor):
        sys.exit("The supervisor ended before this process began.")


def signal_on_death_of_parent(number: signal.Signals) -> None:
    """Have the system send us `number` when the process that started us dies. Linux only; else nothing."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def limit_memory(megabytes: int) -> None:
    """Have the system refuse more memory than this to us, and as much to each of our children; 0 sets no limit.

    What asks for more meets a MemoryError, instead of the kernel ending whatever it thinks best. Linux only.
    """
    if sys.platform == "linux" and megabytes:
        import resource

        most = megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def follow_make() -> Callable[[], bool]:
    """End with the `make` that started us; the function returned says whether it has been interrupted.

    GNU make that receives SIGINT alone (not with its whole process group, as from a terminal) stops listening to
    it and waits for its recipe for ever, so the recipe has to notice.
    """
    parent = os.getppid()
    if not _is_make(parent) or not _catches_interrupt(parent):
        return lambda: False
    signal_on_death_of_parent(signal.SIGTERM)
    return lambda: os.getppid() != parent or not _catches_interrupt(parent)


def _record_of(folder: Path) -> Path:
    return folder / f"supervisor-{os.getpid()}.json"


def _all_pids() -> list[int]:
    if not PROC.is_dir():
        return []
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit() and int(entry.name) != os.getpid()]


def _whose_environment_has(wanted: Callable[[bytes], bool]) -> list[int]:
    return [pid for pid in _all_pids() if any(wanted(variable) for variable in _environment(pid))]


def _environment(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []  # ended meanwhile, or somebody else's


def _is_make(pid: int) -> bool:
    try:
        return (PROC / str(pid) / "comm").read_text().strip() in {"make", "gmake"}
    except OSError:
        return False


def _catches_interrupt(pid: int) -> bool:
    try:
        status = (PROC / str(pid) / "status").read_text()
    except OSError:
        return False
    caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (signal.SIGINT - 1) & 1)
