"""What proves a package's queries: takes its folder, gives its attack tests and quiet cases.

``tests/NAME/test.yaml`` says what is done, in the terms of Atomic Red Team, and who should see it;
``quiet/NAME/quiet.yaml`` what only looks like it. Every other file of such a folder is a log, of
any format that is read, with the telemetry that is to be expected; a quiet case may name records of
real logs instead, which lie elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePath

import yaml

from vedette.detections.model import (
    Argument,
    DetectionTest,
    Executor,
    PlacedProblem,
    QuietCase,
    RealLog,
)
from vedette.detections.packages.yaml_values import ValueReader
from vedette.detections.text import Unreadable, about_file, read_text
from vedette.syntax import Findings, did_you_mean
from vedette.syntax.yaml_nodes import YamlPart

TESTS, QUIET = "tests", "quiet"
_MOST_BYTES = 64_000
TEST_KEYS = (
    "title", "number", "technique", "description", "supported_platforms", "input_arguments",
    "executor", "expected_signal", "silent",
)  # fmt: skip
EXECUTORS = {name: name for name in ("bash", "sh", "powershell", "command_prompt", "manual")}
QUIET_KEYS = ("title", "source", "real_log")
REAL_LOG_KEYS = ("archive", "member", "lines", "sha256")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LINES = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_PLACEHOLDER = re.compile(r"#\{([\w-]+)\}")


def read_cases(
    folder: Path, platforms: Sequence[str]
) -> tuple[tuple[DetectionTest, ...], tuple[QuietCase, ...], list[PlacedProblem]]:
    """The tests by their numbers and the quiet cases by their names, and every problem of them."""
    problems: list[PlacedProblem] = []
    tests, quiet = [], []
    for case in _folders(folder / TESTS):
        part = _part(case / "test.yaml", problems)
        if part is not None:
            test = _Test(part, platforms).read(_records(case, "test.yaml", problems))
            problems += [PlacedProblem(p, part.findings.source) for p in part.findings.ordered()]
            tests += [test] if test else []
    for case in _folders(folder / QUIET):
        part = _part(case / "quiet.yaml", problems)
        if part is not None:
            found = _Quiet(part).read(case, problems)
            problems += [PlacedProblem(p, part.findings.source) for p in part.findings.ordered()]
            quiet += [found] if found else []
    tests.sort(key=lambda test: (test.technique or "", test.number))
    return tuple(tests), tuple(quiet), problems


def _folders(place: Path) -> list[Path]:
    if not place.is_dir():
        return []
    return sorted(p for p in place.iterdir() if p.is_dir() and not p.name.startswith("."))


def _part(path: Path, problems: list[PlacedProblem]) -> YamlPart | None:
    try:
        return YamlPart(Findings(read_text(path, _MOST_BYTES)))
    except Unreadable as unreadable:
        problems.append(unreadable.problem)
        return None


def _root(part: YamlPart) -> yaml.Node | None:
    """What a file describes; that it describes nothing is a problem of its own."""
    root = part.root()
    if root is None and not part.findings.failed:
        part.findings.add("VD313", "source", "describes nothing: it is empty", part.place(0))
    return root


def _records(case: Path, own: str, problems: list[PlacedProblem]) -> tuple[Path, ...]:
    every = sorted(case.rglob("*"))
    for path in every:
        if path.is_symlink() and not path.exists():
            problems.append(about_file(path, "VD300", "cannot be read: it links to nothing"))
    found = tuple(p for p in every if p.is_file() and p.name != own)
    if not found:
        hint = "put the expected telemetry there as a log, such as records.jsonl"
        problems.append(about_file(case, "VD324", "has no records", hint=hint))
    return found


class _Test(ValueReader):
    """Reads ``test.yaml``."""

    def __init__(self, part: YamlPart, platforms: Sequence[str]) -> None:
        super().__init__(part)
        self._platforms = platforms

    def read(self, records: tuple[Path, ...]) -> DetectionTest | None:
        root = _root(self.part)
        if root is None:
            return None
        entries = self.entries(root, TEST_KEYS, "test.yaml")
        if not {"title", "number"} <= entries.keys():
            self.wrong(root, "a test needs 'title' and 'number'")
            return None
        title, number = self.text(entries["title"]), self.count(entries["number"])
        technique = self.technique(entries["technique"]) if "technique" in entries else None
        signal = self.text(entries["expected_signal"]) if "expected_signal" in entries else None
        if "supported_platforms" in entries:
            self.texts(entries["supported_platforms"])
        executor = self._executor(entries) if "executor" in entries else None
        silent = self._silent(entries["silent"]) if "silent" in entries else ()
        if title is None or number is None:
            return None
        return DetectionTest(number, title, signal, technique, records, executor, silent)

    def _executor(self, test: dict[str, yaml.Node]) -> Executor | None:
        keys = ("name", "command", "cleanup_command", "steps", "elevation_required")
        node = test["executor"]
        entries = self.entries(node, keys, "executor")
        if "name" not in entries:
            self.wrong(node, "an executor needs 'name'", f"one of {', '.join(EXECUTORS)}")
            return None
        name = self.choice(entries["name"], EXECUTORS)
        needed = "steps" if name == "manual" else "command"
        if needed not in entries:
            self.wrong(node, f"an executor named '{name}' needs '{needed}'")
            return None
        arguments = self._arguments(test["input_arguments"]) if "input_arguments" in test else ()
        texts = {key: self.text(entries[key]) for key in keys[1:4] if key in entries}
        self._placeholders(node, " ".join(t for t in texts.values() if t), arguments)
        command, cleanup, steps = (texts.get(key) for key in keys[1:4])
        return Executor(name or "", command, cleanup, steps, arguments)

    def _arguments(self, node: yaml.Node) -> tuple[Argument, ...]:
        found = []
        for name, (_, value) in self.free_entries(node, "input_arguments").items():
            entries = self.entries(value, ("description", "type", "default"), f"argument {name}")
            texts = {key: self.text(entry) for key, entry in entries.items()}
            found.append(Argument(name, texts.get("description") or "", texts.get("default") or ""))
        return tuple(found)

    def _placeholders(self, node: yaml.Node, text: str, arguments: tuple[Argument, ...]) -> None:
        used, given = set(_PLACEHOLDER.findall(text)), {a.name for a in arguments}
        for name in sorted(used - given):
            self.wrong(node, f"no input argument is called '{name}'", did_you_mean(name, given))
        for name in sorted(given - used):
            self.wrong(node, f"the input argument '{name}' is not used")

    def _silent(self, node: yaml.Node) -> tuple[tuple[str, str], ...]:
        found = []
        for platform, (span, value) in self.free_entries(node, "silent").items():
            if platform not in self._platforms:
                hint = f"the package has queries for {', '.join(self._platforms)}"
                message = f"there is no query for '{platform}'"
                self.findings.add("VD314", "name", message, span, hint=hint)
            reason = self.text(value)
            if reason is not None:
                found.append((platform, reason))
        return tuple(found)


class _Quiet(ValueReader):
    """Reads ``quiet.yaml``."""

    def read(self, case: Path, problems: list[PlacedProblem]) -> QuietCase | None:
        root = _root(self.part)
        if root is None:
            return None
        entries = self.entries(root, QUIET_KEYS, "quiet.yaml")
        if not {"title", "source"} <= entries.keys():
            hint = "'source' says whether the records are from real logs, and from which"
            self.wrong(root, "a quiet case needs 'title' and 'source'", hint)
            return None
        title, source = self.text(entries["title"]), self.text(entries["source"])
        is_real = "real_log" in entries
        real = self._real_log(entries["real_log"]) if is_real else None
        beside = [p for p in case.rglob("*") if p.is_file() and p.name != "quiet.yaml"]
        if is_real and beside:
            message = "a quiet case has logs of its own or those of 'real_log', not both"
            self.wrong(entries["real_log"], message, f"take {beside[0].name} out, or the key")
        if title is None or source is None or (is_real and real is None):
            return None
        records = () if is_real else _records(case, "quiet.yaml", problems)
        return QuietCase(case.name, title, source, records, real)

    def _real_log(self, node: yaml.Node) -> RealLog | None:
        entries = self.entries(node, REAL_LOG_KEYS, "real_log")
        if not {"archive", "sha256"} <= entries.keys():
            self.wrong(node, "a real log needs 'archive' and 'sha256'")
            return None
        texts = {key: self.text(value) for key, value in entries.items()}
        archive, sum = texts["archive"], texts["sha256"]
        if archive is None or sum is None:
            return None
        if PurePath(archive).name != archive or archive in (".", ".."):
            hint = "the folder is named by --real-logs; a file inside a zip file is its 'member'"
            self.wrong(entries["archive"], f"'{archive}' is not the name of a file", hint)
            return None
        if not _SHA256.fullmatch(sum):
            self.wrong(entries["sha256"], "a SHA-256 has 64 hexadecimal digits, in small letters")
            return None
        lines = self._lines(entries["lines"]) if "lines" in entries else None
        if "lines" in entries and lines is None:
            return None
        return RealLog(archive, texts.get("member") or "", lines, sum)

    def _lines(self, node: yaml.Node) -> tuple[int, int] | None:
        found = _LINES.fullmatch(self.text(node) or "")
        first, last = map(int, found.groups()) if found else (0, 0)
        if not 1 <= first <= last:
            self.wrong(node, "lines are written FIRST-LAST, from 1, both included", "such as 1-200")
            return None
        return first, last
