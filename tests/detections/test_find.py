"""Finding detections: in folders and files, each once, with everything told that is not read."""

import os
from pathlib import Path

import pytest

from vedette.detections.find import load, shipped
from vedette.detections.model import Loaded
from vedette.detections.packages.read import DESCRIPTION

DETECTION = "title: {}\ntechniques: [T1590]\nseverity: low\n"
PAGE = """Detect DNS in IBM QRadar
Names are asked for.
MITRE ATT&CK
Technique
T1590.002 DNS
QRadar Detection Query
SELECT sourceip FROM events LAST 1 HOURS
"""


def package(folder: Path, title: str = "A thing") -> Path:
    folder.mkdir(parents=True)
    (folder / DESCRIPTION).write_text(DETECTION.format(title), "utf-8")
    (folder / "sentinel.kql").write_text("SecurityEvent", "utf-8")
    return folder


def ids(loaded: Loaded) -> list[str]:
    return [d.id for d in loaded.detections]


def told(loaded: Loaded) -> list[tuple[str, str, str]]:
    return [(Path(p.source.name).name, p.problem.code, p.problem.severity) for p in loaded.problems]


def test_a_folder_is_searched_to_its_depths(tmp_path: Path) -> None:
    package(tmp_path / "recon" / "b" / "printers")
    (tmp_path / "recon" / "a.kql").write_text("// Shares asked for\nSecurityEvent", "utf-8")
    (tmp_path / "page.txt").write_text(PAGE, "utf-8")
    (tmp_path / "README.md").write_text("Our detections.", "utf-8")
    loaded = load([tmp_path])
    assert ids(loaded) == ["t1590.002-dns-qradar", "a", "printers"]
    assert loaded.problems == ()
    assert [d.form for d in loaded.detections] == ["page", "query", "package"]


def test_what_is_not_read_is_counted(tmp_path: Path) -> None:
    package(tmp_path / "printers")
    for name in ("a.yaml", "b.yaml", "c.spl", "letter.txt", "page.html"):
        (tmp_path / name).write_text("x", "utf-8")
    loaded = load([tmp_path])
    (problem,) = loaded.problems
    assert problem.problem.severity == "information"
    assert problem.problem.message == "not read as detections: 2 .yaml, 1 .spl, 1 .txt, 1 .html"


def test_what_lies_in_a_package_is_the_packages(tmp_path: Path) -> None:
    folder = package(tmp_path / "printers")
    (folder / "tests").mkdir()
    (folder / "tests" / "fires.kql").write_text("SecurityEvent", "utf-8")
    (folder / "playbook.md").write_text(PAGE, "utf-8")
    assert ids(load([tmp_path])) == ["printers"]
    assert load([tmp_path]).problems == ()


def test_the_same_detection_is_read_once(tmp_path: Path) -> None:
    folder = package(tmp_path / "all" / "printers")
    (tmp_path / "all" / "shares.kql").write_text("SecurityEvent", "utf-8")
    paths = [folder, folder / DESCRIPTION, tmp_path / "all", tmp_path / "all" / "shares.kql"]
    loaded = load([*paths, tmp_path / "all"])
    assert ids(loaded) == ["printers", "shares"]
    assert loaded.problems == ()


def test_equal_ids_are_numbered_and_told(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        package(tmp_path / name / "printers", f"Printers {name}")
    loaded = load([tmp_path])
    assert ids(loaded) == ["printers", "printers-2", "printers-3"]
    assert [d.title for d in loaded.detections] == ["Printers a", "Printers b", "Printers c"]
    assert told(loaded) == [("printers", "VD303", "warning")] * 2


@pytest.mark.parametrize(
    ("names", "reason"),
    [((), "it is empty"), (("a.yaml", "b.yaml", "c.json"), "it holds 2 .yaml, 1 .json")],
)
def test_a_folder_in_which_nothing_can_be_read_is_an_error(
    tmp_path: Path, names: tuple[str, ...], reason: str
) -> None:
    for name in names:
        (tmp_path / name).write_text("title: x", "utf-8")
    loaded = load([tmp_path])
    assert loaded.detections == ()
    (error,) = loaded.errors
    assert error.problem.code == "VD301"
    assert error.problem.reason == reason


@pytest.mark.parametrize(
    ("name", "content", "code", "message"),
    [
        ("absent.kql", None, "VD300", "there is no such file or folder"),
        ("page.html", b"<p>", "VD302", "web pages are not read"),
        ("rule.yaml", b"title: x", "VD320", "is no Sigma rule"),
        ("letter.txt", b"Dear editor", "VD320", "is no page of a detection"),
        ("empty.kql", b" \n", "VD315", "holds no query: it is empty"),
        ("image.kql", b"\x89PNG\xff\xfe", "VD300", "is not text: byte 0"),
        ("zeros.aql", b"SELECT\0", "VD300", "is not text: byte 6"),
        ("huge.kql", b"x" * 1_000_001, "VD300", "is larger than 1,000,000 bytes"),
    ],
)
def test_a_path_that_cannot_be_read_is_an_error(
    tmp_path: Path, name: str, content: bytes | None, code: str, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    loaded = load([tmp_path / name])
    assert loaded.detections == ()
    (error,) = loaded.errors
    assert error.problem.code == code
    assert error.problem.message.startswith(message)
    assert str(error).startswith(f"{tmp_path / name}:1:1: error {code}: ")


def test_one_broken_package_hides_no_other(tmp_path: Path) -> None:
    package(tmp_path / "good")
    (package(tmp_path / "bad") / DESCRIPTION).write_text("titel: x\n", "utf-8")
    loaded = load([tmp_path])
    assert ids(loaded) == ["good"]
    assert [p.problem.code for p in loaded.errors] == ["VD313", "VD313", "VD313", "VD312"]


def test_hidden_folders_and_linked_ones_are_left_out(tmp_path: Path) -> None:
    package(tmp_path / "all" / "printers")
    package(tmp_path / "all" / ".git" / "copy")
    package(tmp_path / "elsewhere")
    (tmp_path / "all" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "all" / "round").symlink_to(tmp_path / "all")
    assert ids(load([tmp_path / "all"])) == ["printers"]


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_no_part_of_a_query(tmp_path: Path, mark: str) -> None:
    (tmp_path / "a.kql").write_text("SecurityEvent // é", mark)
    (detection,) = load([tmp_path / "a.kql"]).detections
    assert detection.queries[0].text == "SecurityEvent // é"


@pytest.mark.parametrize(
    ("name", "text", "title", "techniques"),
    [
        ("shares_asked-for.kql", "SecurityEvent", "shares asked for", ()),
        (
            "x.kql",
            "\n// ----\n// T1135: shares\n// all\nSecurityEvent",
            "T1135: shares",
            ("T1135",),
        ),
        ("x.aql", "-- Shares\nSELECT 1 FROM events -- T1135", "Shares", ()),
        ("T1591.002_partners.aql", "SELECT 1 FROM events", "T1591.002 partners", ("T1591.002",)),
    ],
)
def test_a_bare_query_says_what_its_comment_and_name_say(
    tmp_path: Path, name: str, text: str, title: str, techniques: tuple[str, ...]
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    (detection,) = load([tmp_path / name]).detections
    assert (detection.title, detection.techniques) == (title, techniques)
    (query,) = detection.queries
    assert query.text == text
    assert (query.platform, query.language) in {("sentinel", "kql"), ("qradar", "aql")}
    assert detection.why_missing("severity") == "a file that holds only a query does not say"


def test_the_shipped_detections_are_whole(root: Path) -> None:
    loaded = shipped()
    assert loaded.problems == ()
    assert len(loaded.detections) >= 7
    assert all(d.form == "package" for d in loaded.detections)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are a matter of POSIX")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.kql")
    os.mkfifo(tmp_path / "b.yml")
    for path in (tmp_path, tmp_path / "a.kql"):
        detections, problems = load([path])
        assert not detections
        assert {p.problem.message for p in problems} == {"is no regular file"}
