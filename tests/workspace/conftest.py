"""What tests of a workspace's folder share: the folder, open, and another one for logs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vedette.workspace.manifest import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "workspace")
    yield opened
    opened.close()


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder
