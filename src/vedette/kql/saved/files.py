"""Files of saved functions: takes paths, gives functions.

| file | what is in it |
| --- | --- |
| ``.kql``, ``.csl`` | ``.create function`` and ``.create-or-alter function`` commands; or a body alone, whose function has the file's name and no parameters |
| ``.yaml``, ``.yml`` | a parser of Sentinel's: ``FunctionQuery``, or ASIM's ``ParserQuery`` |

Sources: Kusto's ``.create function`` command; the parsers of the public Azure-Sentinel repository.
"""  # noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from vedette.kql import functions
from vedette.kql.saved.model import SavedFunction
from vedette.syntax.source import Source

MOST_BYTES = 4_000_000
"""How large a file of functions may be."""

QUERY_ENDINGS = (".kql", ".csl")
PARSER_ENDINGS = (".yaml", ".yml")

_QUOTED = r'"(?:[^"\\\n]|\\.)*"|' + r"'(?:[^'\\\n]|\\.)*'"
_COMMAND = re.compile(
    r"^[ \t]*\.(?:create(?:-or-alter)?|alter)\s+function\s+(?:ifnotexists\s+)?"
    rf"(?:with\s*\((?:{_QUOTED}|[^()\"'])*\)\s*)?(?=(\w+|\[(?:{_QUOTED})\])\s*\()",
    re.MULTILINE,
)
_STARTS = re.compile(r"^[ \t]*\.(?:create|alter)", re.MULTILINE)


class Unreadable(ValueError):
    """A file that holds no function as it should; the text names the file and says why."""


def read_paths(paths: Iterable[Path]) -> dict[str, SavedFunction]:
    """The functions of files and folders by name; of one name twice the later counts.

    In a folder, files of other endings and parser files that define no function are passed over.
    Raises Unreadable.
    """
    found: dict[str, SavedFunction] = {}
    for path in paths:
        if path.is_dir():
            for file in sorted(p for p in path.rglob("*") if p.is_file()):
                if file.suffix.lower() in (*QUERY_ENDINGS, *PARSER_ENDINGS):
                    found.update((f.name, f) for f in read_file(file, alone=False))
        else:
            found.update((f.name, f) for f in read_file(path, alone=True))
    return found


def read_file(file: Path, alone: bool) -> list[SavedFunction]:
    """The functions of a file; one that was named *alone* must define some."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Unreadable(f"{file}: larger than {MOST_BYTES:,} bytes")
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{file}: cannot be read: {error}") from error
    if file.suffix.lower() in PARSER_ENDINGS:
        made = list(_of_parser(text, str(file)))
        if alone and not made:
            message = "it has neither FunctionName and FunctionQuery nor ParserName and ParserQuery"
            raise Unreadable(f"{file}: {message}")
    else:
        made = of_text(text, str(file), file.stem)
    for function in made:
        if any(functions.known(function.name, kind) for kind in ("function", "aggregate")):
            message = (
                f"'{function.name}' is a function of Kusto's own, which is called in its place"
            )
            raise Unreadable(f"{file}: {message}; give it another name")
    return made


def of_text(text: str, name: str, own_name: str) -> list[SavedFunction]:
    """The functions of commands in a text; of a bare body, the one that it is, as *own_name*."""
    if not text.strip():
        raise Unreadable(f"{name}: it is empty")
    if not _STARTS.search(text):
        return [_of_body(own_name, (), text, name)]
    commands = list(_COMMAND.finditer(text))
    if len(commands) < len(_STARTS.findall(text)):
        covered = {command.start() for command in commands}
        stray = next(m for m in _STARTS.finditer(text) if m.start() not in covered)
        line, _ = Source(text).position(stray.start())
        wanted = "'.create function Name(parameters) { body }'"
        raise Unreadable(f"{name}:{line}: a command that is not of the form {wanted}")
    ends = [command.start() for command in commands[1:]] + [len(text)]
    made = []
    for command, end in zip(commands, ends, strict=True):
        before = re.sub(r"[^\n]", " ", text[: command.end()])
        definition = Source(before + text[command.end() : end], name)
        made.append(SavedFunction(command.group(1).strip("[]\"'"), definition))
    return made


def _of_body(
    name: str, parameters: Iterable[str], body: str, file: str, line: int = 1, indent: int = 0
) -> SavedFunction:
    """The function of a body that begins in *line* of its file."""
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    text = f"['{quoted}'] ({', '.join(parameters)}) {{\n{body}\n}}"
    return SavedFunction(name, Source(text, file), line - 2, indent)


def _of_parser(text: str, file: str) -> Iterator[SavedFunction]:
    try:
        # Every value as the text it is: "off" names a parameter, "*" and "false" are defaults.
        document = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except yaml.YAMLError as error:
        told = " ".join(str(error).split())
        raise Unreadable(f"{file}: it is no YAML: {told}") from error
    if not isinstance(document, dict):
        return
    for query, names, parameters in (
        ("FunctionQuery", ("FunctionName", "FunctionAlias"), "FunctionParams"),
        ("ParserQuery", ("ParserName", "EquivalentBuiltInParser"), "ParserParams"),
    ):
        body = document.get(query)
        if not isinstance(body, str):
            continue
        line, indent = _begin(text, query)
        taken = [_parameter(p, file) for p in document.get(parameters) or ()]
        named = [str(document[n]).strip() for n in names if document.get(n)]
        for name in dict.fromkeys(named):
            yield _of_body(name, taken, body, file, line, indent)


def _begin(text: str, key: str) -> tuple[int, int]:
    """The line in which a key's text begins, and how far it is moved in."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.lstrip().startswith(f"{key}:"):
            if line.split(":", 1)[1].strip()[:1] in ("|", ">") and number + 1 < len(lines):
                below = lines[number + 1]
                return number + 2, len(below) - len(below.lstrip())
            return number + 1, 0
    return 1, 0


def _parameter(entry: Any, file: str) -> str:
    """A parameter as KQL declares it; a string's default stands there without quotes."""
    if not isinstance(entry, dict) or not entry.get("Name") or not entry.get("Type"):
        raise Unreadable(f"{file}: a parameter needs a Name and a Type")
    name, type, default = str(entry["Name"]), str(entry["Type"]).strip(), entry.get("Default")
    if type.startswith("table:"):
        return f"{name}:{type.removeprefix('table:')}"
    if "Default" not in entry:
        return f"{name}:{type}"
    value = str(default)
    if type == "string":
        bare = value[1:-1] if len(value) > 1 and value[0] == value[-1] in "'\"" else value
        quoted = bare.replace("\\", "\\\\").replace("'", "\\'")
        value = f"'{quoted}'"
    return f"{name}:{type}={value or f'{type}(null)'}"
