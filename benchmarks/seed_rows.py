"""Rows for the seeds' queries: takes a store and a number, gives that many events of each kind.

Process events and web events over one day, written by the lake's own writer in the layout of
ingested logs; only columns that queries read are filled. The numbers are drawn by hashing, so that
each run has the same rows: a tool in 1 of some 10,000 command lines, names that nearly are one in 1
of 1,000, and a few addresses that fetch every partner page.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from vedette.logs.base import Layout, event_layout
from vedette.logs.batches import ARROW_TYPES
from vedette.plan.types import TICKS_PER_DAY, UNIX_EPOCH_TICKS
from vedette.workspace import lake
from vedette.workspace.manifest import Store

DAY = "2026-06-01"
START = UNIX_EPOCH_TICKS + 1_780_272_000 * 10_000_000
END = START + TICKS_PER_DAY
FILE_ROWS = 500_000

_PROGRAMS = (
    ("svchost.exe", r"C:\Windows\System32\svchost.exe -k netsvcs -p -s service{n}"),
    ("conhost.exe", r"\??\C:\Windows\system32\conhost.exe 0xffffffff -ForceV1"),
    (
        "chrome.exe",
        r'"C:\Program Files\Chrome\chrome.exe" --type=renderer --id={n} --handle={n},{m}',
    ),
    (
        "msedge.exe",
        r'"C:\Program Files (x86)\Edge\msedge.exe" --type=utility --id={n} --handle={m}',
    ),
    ("cmd.exe", r'C:\Windows\system32\cmd.exe /c "D:\jobs\nightly{n}.cmd > C:\Logs\{m}.log 2>&1"'),
    (
        "powershell.exe",
        r'powershell.exe -NoProfile -File "C:\ProgramData\Agent\run_{n}.ps1" -Id {m}',
    ),
    ("RuntimeBroker.exe", r"C:\Windows\System32\RuntimeBroker.exe -Embedding"),
    (
        "indexer.exe",
        r'"C:\Windows\indexer.exe" Global\Pipe{n}_ Global\Ctrl{m} "C:\ProgramData\Temp"',
    ),
    ("EXCEL.EXE", r'"C:\Program Files\Office16\EXCEL.EXE" "C:\Users\user{n}\report {m}.xlsx"'),
    ("git.exe", r'git.exe status --porcelain=v2 --untracked-files=all -- "C:\src\{m}"'),
    (
        "node.exe",
        r'"C:\Program Files\node.exe" C:\src\app{n}\lib\tsserver.js --cancel C:\Temp\{m}.tmp',
    ),
    ("python.exe", r'"C:\Python311\python.exe" C:\src\app{n}\manage.py runserver 0.0.0.0:{m}'),
    ("python3", "python3 /opt/worker{n}/bin/worker.py --queue default --id {m} --concurrency 4"),
    ("bash", 'bash -c "cd /opt/app{n} && ./run.sh --shard {m} >> /var/log/app{n}.log 2>&1"'),
    ("curl", 'curl -fsS --max-time 10 -H "X-Id: {m}" https://api.example.com/v1/health?probe={n}'),
    ("java.exe", r'"C:\Java\bin\java.exe" -Xmx2g -cp "C:\apps\lib\*" com.example.Main --port {n}'),
)
_NEARLY = (
    ("focal.exe", r'"C:\Program Files\Focal\focal.exe" --scan {n}'),
    ("inspyre.exe", "inspyre.exe --job {n}"),
    ("python3", "python3 /opt/afoca2/metagoofils.py {n}"),
    ("curl", "curl https://maltegox.example.com/{n}"),
)
_TOOLS = (
    ("python3", "python3 theHarvester.py -d example.com -b all -f /tmp/h_{n}"),
    ("python.exe", r'"C:\Python311\python.exe" C:\tools\recon-ng\recon-ng -w ws{n} -r run.rc'),
    ("java.exe", r'java -jar "C:\tools\MALTEGO\maltego.jar" --run {n}'),
    ("FOCA.exe", r"C:\tools\FOCA\FOCA.exe"),
    ("python3", "python3 crosslinked.py -f {n}@example.com Example"),
    ("inspy", "/usr/local/bin/inspy --empspy titles{n} example"),
    ("nmap.exe", r'"C:\Program Files\Nmap\nmap.exe" -sV -p 1-{n} 198.51.100.0/24'),
    ("whois", "whois example{n}.com"),
)
_PAGES = (
    "/", "/index.html", "/assets/app.{m}.js", "/assets/style.css?v={n}", "/blog/{n}", "/login",
    "/products/{n}", "/images/{m}.png", "/search?q=offer+{n}", "/api/v1/items/{m}", "/contact",
)  # fmt: skip
_PARTNER_PAGES = (
    "/partners", "/partners/{n}", "/vendors?page={n}", "/suppliers", "/supply-chain/map",
    "/alliances", "/integrations/{n}", "/resellers", "/customers/{n}", "/case-studies/{n}",
)  # fmt: skip
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1",
    "python-requests/2.32.3",
)


def fill(store: Store, rows: int) -> None:
    """Store *rows* process events and as many web events of one day."""
    database = duckdb.connect()
    database.execute("SET threads = 2")
    database.execute("CREATE MACRO drawn(i, salt) AS (hash(i * 16 + salt) >> 1)::BIGINT")
    with store.writing():
        for table, query in (("process_event", _processes), ("web_event", _requests)):
            layout = event_layout(table)
            for first in range(0, rows, FILE_ROWS):
                made = database.sql(query(first, min(rows, first + FILE_ROWS), rows))
                batches = [_whole(batch, layout) for batch in made.to_arrow_table().to_batches()]
                file = lake.write(store.lake, layout, DAY, batches)
                lake.sync_folders(store.lake, [file])
                store.commit([file], [layout])


def _whole(batch: pa.RecordBatch, layout: Layout) -> pa.RecordBatch:
    """The batch with every column of the layout, the absent ones null."""
    names = set(batch.schema.names)
    arrays = [
        batch.column(name).cast(ARROW_TYPES[type])
        if name in names
        else pa.nulls(batch.num_rows, ARROW_TYPES[type])
        for name, type in layout.columns.items()
    ]
    return pa.RecordBatch.from_arrays(arrays, names=list(layout.columns))


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join("'" + t.replace("'", "''") + "'" for t in texts) + "]"


def _filled(text: str) -> str:
    inner = f"replace({text}, '{{n}}', (b % 60000)::VARCHAR)"
    return f"replace({inner}, '{{m}}', (c % 9000000000)::VARCHAR)"


def _drawn(first: int, last: int, rows: int, columns: Mapping[str, str]) -> str:
    """A SELECT over numbers: ``a``, ``b``, ``c`` are drawn for each row ``i``."""
    items = ", ".join(f"{sql} AS {_quoted(name)}" for name, sql in columns.items())
    return (
        f"SELECT {START + 1} + i * ({TICKS_PER_DAY} // {rows}) AS time, {items} FROM (SELECT i,"
        " drawn(i, 1) AS a, drawn(i, 2) AS b, drawn(i, 3) AS c"
        f" FROM range({first}, {last}) AS r(i))"
        " ORDER BY i"
    )


def _quoted(name: str) -> str:
    return f'"{name}"'


def _chosen(kinds: tuple[tuple[str, str], ...], part: int) -> str:
    return f"({_list(tuple(k[part] for k in kinds))})[1 + b % {len(kinds)}]"


def _processes(first: int, last: int, rows: int) -> str:
    def part(place: int) -> str:
        chosen = (
            f"CASE WHEN a % 10000 = 0 THEN {_chosen(_TOOLS, place)}"
            f" WHEN a % 1000 = 1 THEN {_chosen(_NEARLY, place)}"
            f" ELSE {_chosen(_PROGRAMS, place)} END"
        )
        return _filled(chosen)

    return _drawn(first, last, rows, {
        "event_id": "md5(i::VARCHAR)",
        "host": "'ws-' || (a % 3000) || '.example.com'",
        "user": "'user' || (b % 1500)",
        "process_name": part(0),
        "process_path": f"'C:\\Programs\\' || (b % 200) || '\\' || {part(0)}",
        "provider": "'Microsoft-Windows-Sysmon'",
        "log_source_type": "'Microsoft Windows Security Event Log'",
        "event_code": "1",
        "process_id": "1000 + a % 60000",
        "command_line": part(1),
        "parent_name": "(['services.exe', 'explorer.exe', 'cmd.exe', 'systemd'])[1 + c % 4]",
        "parent_command_line": "'C:\\Windows\\system32\\services.exe ' || (c % 5000)",
        "action": "'ProcessCreated'",
    })  # fmt: skip


def _requests(first: int, last: int, rows: int) -> str:
    """One request in 50 is for a partner page; half of these come from 3 addresses."""
    page = (
        f"CASE WHEN a % 50 = 0 THEN ({_list(_PARTNER_PAGES)})[1 + b % {len(_PARTNER_PAGES)}]"
        f" ELSE ({_list(_PAGES)})[1 + b % {len(_PAGES)}] END"
    )
    address = (
        "CASE WHEN a % 100 = 0 THEN '203.0.113.' || (c // 7 % 3)"
        " WHEN a % 100 = 50 AND c % 3 = 0 THEN '10.0.' || (c % 200) || '.7'"
        " ELSE (20 + c % 150) || '.' || (b % 250) || '.' || (c % 251) || '.' || (b % 199) END"
    )
    return _drawn(first, last, rows, {
        "event_id": "md5('w' || i)",
        "log_format": "'access_log'",
        "host": "'www.example.com'",
        "source_ip": address,
        "method": "'GET'",
        "url": _filled(page),
        "status": "200",
        "bytes_sent": "c % 90000",
        "user_agent": f"({_list(_AGENTS)})[1 + c % {len(_AGENTS)}]",
    })  # fmt: skip
