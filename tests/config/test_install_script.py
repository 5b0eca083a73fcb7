"""`requirements/install.sh`, which `make install` and its kin call, on machines that lack this or that."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

SCRIPT = Path(__file__).resolve().parents[2] / "requirements" / "install.sh"
TOOLS = ["sh", "cksum", "grep", "dirname", "rm", "make"]
MISSING = "raise ImportError('left out by this distribution')\n"
# Stands for the machine's pip: works only when it is pointed at an environment, and writes down what it was told.
PIP_OF_THE_MACHINE = """
import os, sys
if "--python" not in sys.argv:
    sys.exit(1)
if "install" in sys.argv:
    open(os.environ["PIP_LOG"], "a").write(" ".join(sys.argv[1:]) + "\\n")
    sys.exit(int(os.environ.get("PIP_FAILS", "0")))
"""


class Machine:
    """A project folder, a PATH with few tools and no uv, and a Python from which modules can be taken away."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin, self.modules = folder / "project", folder / "bin", folder / "modules"
        for path in (self.folder / "requirements", self.bin, self.modules):
            path.mkdir(parents=True)
        shutil.copy(SCRIPT, self.folder / "requirements")
        for name in ("core", "all", "dev"):
            self.lock(name, f"# the {name} of today\n")
        for tool in TOOLS:
            if found := shutil.which(tool):
                (self.bin / tool).symlink_to(found)
        self.log = folder / "pip.log"
        self.environment = {"PATH": str(self.bin), "PYTHONPATH": str(self.modules), "PIP_LOG": str(self.log)}

    def lock(self, name: str, text: str) -> None:
        (self.folder / "requirements" / f"{name}.txt").write_text(text)

    def has_python(self, name: str = "python3") -> "Machine":
        (self.bin / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (self.bin / name).chmod(0o755)
        return self

    def has_old_python(self, name: str = "python3") -> "Machine":
        (self.bin / name).write_text("#!/bin/sh\nexit 1\n")
        (self.bin / name).chmod(0o755)
        return self

    def module(self, name: str, text: str = MISSING) -> "Machine":
        (self.modules / f"{name}.py").write_text(text)
        return self

    def with_pip_of_the_machine(self) -> "Machine":
        return self.has_python().module("ensurepip").module("pip", PIP_OF_THE_MACHINE)

    def install(self, wanted: str = "all", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.bin / "sh"), "requirements/install.sh", wanted],
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def installed(self) -> list[str]:
        """The requirements files that pip was asked to install, in order."""
        if not self.log.exists():
            return []
        return [Path(line.split()[-1]).stem for line in self.log.read_text().splitlines()]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def assert_refused(run: subprocess.CompletedProcess[str], *words: str) -> None:
    lines = run.stderr.strip().splitlines()
    assert run.returncode != 0
    assert len(lines) == 1, run.stderr
    assert all(word in lines[0] for word in words), lines


def test_no_python_at_all_is_one_sentence(machine):
    assert_refused(machine.install(), "Holdfast needs Python 3.11 or newer", "PYTHON=")
    assert not (machine.folder / ".venv").exists()


def test_an_old_python_is_one_sentence(machine):
    assert_refused(machine.has_old_python().install(), "Holdfast needs Python 3.11 or newer")


def test_an_old_python_named_by_hand_is_one_sentence_although_a_newer_one_is_there(machine):
    old = machine.has_python().has_old_python("old").bin / "old"
    assert_refused(machine.install(PYTHON=str(old)), f"PYTHON={old} is not a Python 3.11 or newer")


def test_an_old_python_is_passed_over_for_a_newer_one(machine):
    machine.with_pip_of_the_machine().has_old_python("python3.14").has_old_python("python3.12")
    assert machine.install().returncode == 0
    assert machine.installed() == ["all"]


def test_a_missing_venv_module_is_one_sentence_that_names_the_package(machine):
    assert_refused(machine.has_python().module("venv").install(), "python3-venv")


def test_without_ensurepip_the_pip_of_the_machine_is_used(machine):
    run = machine.with_pip_of_the_machine().install()
    assert run.returncode == 0, run.stderr
    assert "--python .venv/bin/python install" in machine.log.read_text()
    assert "--require-hashes" in machine.log.read_text()


def test_without_any_pip_it_is_one_sentence_that_names_the_package(machine):
    assert_refused(machine.has_python().module("ensurepip").module("pip").install(), "python3-venv")


def test_what_is_installed_is_not_installed_again(machine):
    machine.with_pip_of_the_machine().install()
    again = machine.install()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert machine.installed() == ["all"]


def test_changed_requirements_are_installed(machine):
    machine.with_pip_of_the_machine().install()
    machine.lock("all", "# the all of tomorrow\n")
    machine.install()
    assert machine.installed() == ["all", "all"]


def test_an_environment_for_development_also_runs(machine):
    machine.with_pip_of_the_machine().install("dev")
    machine.install("all")
    assert machine.installed() == ["dev"]


def test_an_environment_for_running_is_completed_for_development(machine):
    machine.with_pip_of_the_machine().install("all")
    machine.install("dev")
    machine.install("all")
    assert machine.installed() == ["all", "dev"]


def test_an_installation_that_failed_is_tried_again(machine):
    failed = machine.with_pip_of_the_machine().install(PIP_FAILS="1")
    assert_refused(failed, "requirements/all.txt could not be installed")
    assert machine.install().returncode == 0
    assert machine.installed() == ["all", "all"]


def test_a_broken_environment_is_made_anew(machine):
    machine.with_pip_of_the_machine().install()
    python = machine.folder / ".venv" / "bin" / "python"
    python.unlink()
    os.symlink("/nowhere/python", python)
    assert machine.install().returncode == 0
    assert machine.installed() == ["all", "all"]


def test_an_unknown_file_is_refused(machine):
    assert_refused(machine.has_python().install("everything"), "usage:")
