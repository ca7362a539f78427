"""Zircolite itself: takes rows and rules, gives CPU seconds and matches of its own program.

Its folder holds what the project Zircolite had while it was one file (2.x): ``zircolite.py``,
``config/fieldMappings.json`` and, where pip put them, the packages that it cannot do without
(``pip install --target FOLDER chardet colorama RestrictedPython tqdm xxhash``). It is run unchanged
over JSON lines shaped as a Windows log, with the rules that pySigma's SQLite backend makes for it.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rule_peers import columns_of, converted_by_sqlite, of_source, table_of


def zircolite(folder: Path, rows: int, rules: list[Path]) -> dict[str, Any]:
    """Seconds of its rules and of the whole, matches of each rule, and its version."""
    import zircolite as program  # type: ignore[import-not-found]

    execute, spent = program.zirCore.executeRuleset, []

    def timed(*words: Any, **named: Any) -> None:
        began = time.process_time()
        execute(*words, **named)
        spent.append(time.process_time() - began)

    program.zirCore.executeRuleset = timed
    home = Path(program.__file__).parent
    with tempfile.TemporaryDirectory(prefix="zircolite-") as name:
        events, ruleset, found = (Path(name) / f"{n}.json" for n in ("events", "rules", "found"))
        _write_events(events, folder, rows)
        converted = converted_by_sqlite(rules, "zircolite")
        made = [rule | {"filename": file} for file, rule in converted.items()]
        ruleset.write_text(json.dumps(made), encoding="utf-8")
        sys.argv = ["zircolite.py", "--json-input", "--events", str(events), "--ruleset",
                    str(ruleset), "--config", str(home / "config" / "fieldMappings.json"),
                    "--outfile", str(found), "--logfile", str(Path(name) / "log")]  # fmt: skip
        began = time.process_time()
        program.main()
        whole = time.process_time() - began
        told = {one["sigmafile"]: one["matches"] for one in json.loads(found.read_bytes())}
    version = re.search(r'version = "(.+?)"', (home / "zircolite.py").read_text(encoding="utf-8"))
    matches = {
        file.name: len(of_source(file, [
            (one["EventRecordID"], one.get("Provider_Name"))
            for one in told.get(file.name, []) if one["EventRecordID"] >= 0
        ]))
        for file in rules if file.name in converted
    }  # fmt: skip
    return {"cpu": sum(spent), "whole": whole, "matches": matches,
            "version": version[1] if version else "of unknown version"}  # fmt: skip


def _write_events(file: Path, folder: Path, rows: int) -> None:
    """The rows as events of a Windows log, a line each; before them one that has every field.

    Zircolite makes columns of the fields that it meets, and passes over a rule that asks for
    another in silence.
    """
    columns = columns_of(table_of(folder, rows))
    names = list(columns)
    every = dict.fromkeys(names, "-") | {"number": -1, "EventID": 1}
    with file.open("w", encoding="utf-8") as lines:
        for values in (every.values(), *zip(*columns.values(), strict=True)):
            data = dict(zip(names, values, strict=True))
            system = {
                "Provider": {"#attributes": {"Name": data.pop("Provider_Name")}},
                "EventID": data.pop("EventID"),
                "EventRecordID": data.pop("number"),
                "Channel": data.pop("Channel"),
            }
            event = {"Event": {"System": system, "EventData": data}}
            lines.write(json.dumps(event) + "\n")
