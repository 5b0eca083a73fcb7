"""What may lie in the repository, and what none of its files may say."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = {"accounts", "content", "retention", "plays", "config"}
TOP_LEVEL = APPS | {"manage.py", "pyproject.toml", "README.md", "LICENSE", "Makefile", "tests", "docs", "requirements"}
LOCKS = ["core", "all", "dev"]
HERE = Path(__file__).relative_to(ROOT)

# A registry's address ties an installation to one index; a path or a number of somebody's own desk means nothing here.
UNWANTED = {
    "a package registry": re.compile(r"\bpypi\.|pythonhosted\.|registry\.npmjs|crates\.io/", re.IGNORECASE),
    "a path of one machine": re.compile(r"(?<![\w.})])/(?:work/(?:main|shared)|home/\w+/|root/|opt/(?:pypi|wheels))"),
    "notes outside the repository": re.compile(r"(?<!\w)shared/(?!memory)"),
    "the number of an issue": re.compile(r"\bissues? #?\d", re.IGNORECASE),
}
EXEMPT = {("notes outside the repository", Path(".ci/run"))}


def files() -> list[Path]:
    """Every file that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [path for name in sorted(set(filter(None, listed.split("\0")))) if (ROOT / (path := Path(name))).is_file()]


def pins(name: str) -> dict[str, str]:
    """Package → version, from one locked requirements file."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", text, re.MULTILINE))


def test_nothing_else_lies_at_the_top():
    top = {path.parts[0] for path in files()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


def test_nothing_that_records_hosts_is_committed():
    assert not [path for path in files() if path.name in {"uv.lock", "pylock.toml"}]


@pytest.mark.parametrize("what", UNWANTED)
def test_no_file_mentions(what):
    found = []
    for path in files():
        if path == HERE or (what, path) in EXEMPT:
            continue
        content = (ROOT / path).read_bytes()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
            if UNWANTED[what].search(line):
                found.append(f"{path}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a package registry", "--index-url https://" + "pypi.org/simple"),
        ("a path of one machine", "cd /work/" + "main"),
        ("notes outside the repository", "see ../shared/" + "design.md"),
        ("the number of an issue", "closes issue " + "12"),
    ],
)
def test_the_search_can_find(what, line):
    assert UNWANTED[what].search(line)


@pytest.mark.parametrize("name", LOCKS)
def test_locked_requirements_name_no_host_and_carry_hashes(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted|^-[iefr]\b| @ ", text, re.MULTILINE)
    entries = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(entries) == len(pins(name)) > 10
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize(("smaller", "larger"), [("core", "all"), ("all", "dev")])
def test_each_lock_is_part_of_the_next_at_the_same_versions(smaller, larger):
    assert pins(smaller).items() < pins(larger).items()


def test_the_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = {
        "core": project["dependencies"],
        "all": project["dependencies"] + extras["postgresql"] + extras["redis"],
        "dev": project["dependencies"] + sum(extras.values(), []),
    }
    for name, requirements in asked.items():
        names = {re.split(r"[\[<>=!~ ;]", requirement)[0].lower() for requirement in requirements}
        assert names <= set(pins(name)), f"run `make requirements`: {sorted(names - set(pins(name)))} not in {name}"
