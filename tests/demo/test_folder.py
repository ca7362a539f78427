"""The demo's folder: made afresh, and nothing of anybody else's deleted."""

import tempfile
from pathlib import Path

import pytest

from vedette.demo.folder import NotOurs, fresh_folder


def test_the_folder_is_made_with_places_for_the_logs(tmp_path: Path) -> None:
    folder = fresh_folder(tmp_path / "a" / "b")
    assert folder.path == tmp_path / "a" / "b"
    assert folder.access_log.parent.is_dir()
    assert folder.process_events.parent.is_dir()
    assert folder.mail.is_dir()


def test_an_earlier_demo_is_cleared_and_what_others_put_there_stays(tmp_path: Path) -> None:
    folder = fresh_folder(tmp_path)
    folder.access_log.write_text("old")
    folder.report.write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    again = fresh_folder(tmp_path)
    assert not again.access_log.exists()
    assert not again.report.exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "access.log").write_text("precious")
    with pytest.raises(NotOurs, match="no demo made it"):
        fresh_folder(tmp_path)
    assert (tmp_path / "logs" / "access.log").read_text() == "precious"


def test_a_file_and_a_link_are_no_folders(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    for name in ("file", "link"):
        with pytest.raises(NotOurs, match="is not a folder"):
            fresh_folder(tmp_path / name)


def test_links_inside_are_removed_and_not_followed(tmp_path: Path) -> None:
    fresh_folder(tmp_path / "demo")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").write_text("x")
    (tmp_path / "demo" / "workspace").symlink_to(tmp_path / "elsewhere")
    fresh_folder(tmp_path / "demo")
    assert (tmp_path / "elsewhere" / "kept").exists()
    assert not (tmp_path / "demo" / "workspace").is_symlink()


def test_without_a_path_it_is_among_temporary_files_and_never_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert fresh_folder().path == tmp_path / "vedette-demo"
    assert fresh_folder().path == tmp_path / "vedette-demo"
    (tmp_path / "vedette-demo" / ".vedette-demo").unlink()
    other = fresh_folder().path
    assert other.parent == tmp_path
    assert other.name.startswith("vedette-demo-")
