"""What every test can ask for: the repository's root, and the shared reference material."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

# A test fails for what it finds, on every machine: not for how long an example took there, nor for
# what was drawn this once. `--hypothesis-profile exploring` draws anew at each run.
settings.register_profile("exploring", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("exploring"), derandomize=True)
settings.load_profile("same")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared material beside the repository, or skip the test without it."""
    if not SHARED.is_dir():
        pytest.skip(_absent(""))
    return SHARED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked ``shared("folder", ...)`` where one of those folders is absent."""
    for item in items:
        for marker in item.iter_markers("shared"):
            missing = next(
                (name for name in marker.args or ("",) if not (SHARED / name).exists()), None
            )
            if missing is not None:
                item.add_marker(pytest.mark.skip(reason=_absent(missing)))


def _absent(name: str) -> str:
    return f"the shared material is absent: ../shared/{name}"
