"""What holds for every test."""

import os

import pytest

pytest_plugins = ["tests.cast"]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failure: nobody reads a green run to find what it left out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None or hasattr(session.config, "workerinput"):
        return
    skipped = sorted({report.nodeid for report in reporter.stats.get("skipped", [])})
    if skipped:
        reporter.write_line("")
        reporter.write_line(f"CI runs every test, and these were skipped: {', '.join(skipped)}", red=True)
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
