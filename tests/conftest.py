"""What all tests share: deterministic Hypothesis, no silent skips, and goldens that only a person renews."""

import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tensors here are tiny, and the tests themselves run side by side
os.environ.pop("PYTHONUNBUFFERED", None)  # programs under test write as they do for a user

import pytest
from hypothesis import HealthCheck, settings

GOLDENS = Path(__file__).parent / "goldens"
SLOWEST = 12  # files listed in the table of time shares

settings.register_profile(
    "default", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("deep", settings.get_profile("default"), derandomize=False, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

seconds: defaultdict[str, float] = defaultdict(float)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="write what differs into tests/goldens; the tests that do so fail, so that somebody reads the difference",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update-goldens") and os.environ.get("CI"):
        raise pytest.UsageError("--update-goldens is for a person at a desk: CI must not rewrite what it checks")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    seconds[report.nodeid.partition("::")[0]] += report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED  # what a test needs is installed, never skipped


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    total = sum(seconds.values())
    if total < 10:
        return
    terminalreporter.section("time by file")
    for name, spent in sorted(seconds.items(), key=lambda pair: -pair[1])[:SLOWEST]:
        terminalreporter.write_line(f"{spent:7.1f} s {spent / total:4.0%}  {name}")


Golden = Callable[[str, str | bytes], None]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare with ``tests/goldens/<test file>/<name>``, byte for byte.

    With ``--update-goldens`` a difference is written there and the test fails once, naming the file to read.
    """
    folder = GOLDENS / request.path.stem.removeprefix("test_")
    update = request.config.getoption("--update-goldens")

    def compare(name: str, found: str | bytes) -> None:
        file = folder / name
        data = found.encode() if isinstance(found, str) else found
        if file.is_file() and file.read_bytes() == data:
            return
        if not update:
            kept = file.read_bytes() if file.is_file() else b""
            assert data.decode(errors="replace") == kept.decode(errors="replace"), f"{file} differs: --update-goldens"
            pytest.fail(f"{file} differs in bytes that are no text: --update-goldens")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        pytest.fail(f"{file} has been rewritten: read the difference, then run again")

    return compare
