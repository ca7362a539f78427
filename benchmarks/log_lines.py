"""Logs of our own making for benchmarks: takes numbers and sizes, gives files and their records.

Everything is drawn from a seed; addresses are of the ranges for documentation.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

_START = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
_AGENTS = [
    f"Mozilla/5.0 (X11; Linux x86_64; rv:{n}.0) Gecko/20100101 Firefox/{n}.0"
    for n in range(80, 140)
] + [f"curl/8.{n}.0" for n in range(9)]
_IMAGES = [rf"C:\Program Files\Vendor {n}\tool{n}.exe" for n in range(60)] + [
    rf"C:\Windows\System32\{name}.exe" for name in ("cmd", "svchost", "powershell", "rundll32")
]
_EVTX_HEADER, _EVTX_CHUNK = 4096, 65_536


def access_line(number: int, chance: random.Random) -> str:
    """A request in the combined form."""
    moment = _START + dt.timedelta(seconds=number / 40)
    path = f"/{chance.choice(('shop', 'blog', 'static'))}/{chance.randrange(90_000)}"
    query = f"?page={chance.randrange(99)}&q={chance.random():.6f}" if number % 3 else ""
    referrer = "-" if number % 4 else f"https://www.example.org/{chance.randrange(500)}"
    return (
        f"198.51.100.{chance.randrange(256)} - - [{moment:%d/%b/%Y:%H:%M:%S} +0000]"
        f' "GET {path}{query} HTTP/1.1" {chance.choice((200, 200, 200, 304, 404))}'
        f' {chance.randrange(90_000)} "{referrer}" "{chance.choice(_AGENTS)}"'
    )


def cef_line(number: int, chance: random.Random) -> str:
    """A firewall's event behind a syslog header."""
    moment = _START + dt.timedelta(seconds=number / 40)
    return (
        f"<134>{moment:%b %d %H:%M:%S} fw{number % 7} CEF:0|Palo Alto Networks|PAN-OS|10.2|end|"
        f"TRAFFIC|3|rt={moment:%b %d %Y %H:%M:%S} deviceExternalId=0123{number % 7}"
        f" src=198.51.100.{chance.randrange(256)} dst=203.0.113.{chance.randrange(256)}"
        f" spt={chance.randrange(1024, 65_536)} dpt={chance.choice((53, 80, 443))} proto=tcp"
        f" suser=user{chance.randrange(900)} app=web-browsing act=allow cs1Label=Rule"
        f" cs1=Allow outbound web traffic cs2Label=URL Category cs2=computer and internet info"
        f" in={chance.randrange(90_000)} out={chance.randrange(9000)} cn1Label=SessionID"
        f" cn1={number} cnt=1 reason=aged out externalId={number}"
        f" request=https://www.example.org/{chance.randrange(9000)}?a=b"
    )


def windows_line(number: int, chance: random.Random) -> str:
    """A Sysmon or Security event as a forwarder writes it."""
    moment = _START + dt.timedelta(milliseconds=25 * number)
    image, parent = chance.choice(_IMAGES), chance.choice(_IMAGES)
    identity = f"{{{chance.getrandbits(32):08x}-1c2d-5f00-{number & 0xFFFF:04x}-000000001f00}}"
    code = (1, 3, 11, 4688)[number % 4]
    own: dict[str, object] = {"ProcessGuid": identity, "ProcessId": chance.randrange(60_000)}
    if code == 1:
        own |= {
            "Image": image, "CommandLine": f'"{image}" --run {chance.random()}',
            "CurrentDirectory": "C:\\Windows\\system32\\", "User": r"EXAMPLE\alice",
            "IntegrityLevel": "High", "ParentImage": parent, "ParentCommandLine": parent,
            "Hashes": f"SHA1={chance.getrandbits(160):040X},MD5={chance.getrandbits(128):032X}",
            "LogonId": f"0x{chance.getrandbits(20):x}", "ParentProcessId": number % 60_000,
        }  # fmt: skip
    elif code == 3:
        own |= {
            "Image": image, "Protocol": "tcp", "Initiated": "true", "SourceIp": "198.51.100.7",
            "SourcePort": chance.randrange(65_536), "DestinationIp": "203.0.113.9",
            "DestinationPort": 443, "User": r"NT AUTHORITY\SYSTEM",
        }  # fmt: skip
    elif code == 11:
        target = rf"C:\Temp\{chance.random()}.tmp"
        own |= {"Image": image, "TargetFilename": target, "CreationUtcTime": str(moment)}
    else:
        own = {
            "NewProcessName": image, "SubjectUserName": "bob", "SubjectDomainName": "EXAMPLE",
            "SubjectLogonId": "0x3e7", "NewProcessId": f"0x{number & 0xFFFF:x}",
            "ProcessId": "0x1f4", "CommandLine": f'"{image}" {chance.random()}',
            "TokenElevationType": "%%1936", "ParentProcessName": parent,
        }  # fmt: skip
    sysmon = "Microsoft-Windows-Sysmon"
    return json.dumps(
        {
            "EventTime": f"{moment:%Y-%m-%d %H:%M:%S}", "Hostname": f"ws{number % 40}.example.org",
            "Keywords": -9223372036854775808, "EventType": "INFO", "SeverityValue": 2,
            "Severity": "INFO", "EventID": code, "Version": 5, "Task": code, "OpcodeValue": 0,
            "SourceName": sysmon if code < 4000 else "Microsoft-Windows-Security-Auditing",
            "Channel": f"{sysmon}/Operational" if code < 4000 else "Security",
            "RecordNumber": number, "ExecutionProcessID": 3220, "ThreadID": 4172,
            "Message": "\r\n".join(f"{name}: {value}" for name, value in own.items()),
            "@timestamp": f"{moment:%Y-%m-%dT%H:%M:%S}.{number % 1000:03}Z",
            "UtcTime": f"{moment:%Y-%m-%d %H:%M:%S}.{number % 1000:03}", **own,
        }
    )  # fmt: skip


def nginx_line(number: int, chance: random.Random) -> str:
    """A request as nginx logs it in JSON."""
    moment = _START + dt.timedelta(seconds=number // 40)
    path = f"/{chance.choice(('shop', 'blog', 'static'))}/{chance.randrange(90_000)}"
    return _compact({
        "time_iso8601": moment.isoformat(), "remote_addr": f"198.51.100.{chance.randrange(256)}",
        "remote_user": "", "request": f"GET {path}?q={chance.random():.6f} HTTP/1.1",
        "status": chance.choice((200, 200, 200, 304, 404)),
        "body_bytes_sent": chance.randrange(90_000), "request_time": chance.randrange(900) / 1000,
        "http_referer": "-" if number % 4 else f"https://www.example.org/{chance.randrange(500)}",
        "http_user_agent": chance.choice(_AGENTS), "http_host": "www.example.org",
    })  # fmt: skip


def zeek_record(number: int, chance: random.Random) -> dict[str, object]:
    """A connection as Zeek logs it."""
    return {
        "ts": round(_START.timestamp() + number / 40, 6), "uid": f"C{chance.getrandbits(64):x}",
        "id.orig_h": f"198.51.100.{chance.randrange(256)}",
        "id.orig_p": chance.randrange(1024, 65_536),
        "id.resp_h": f"203.0.113.{chance.randrange(256)}", "id.resp_p": chance.choice((53, 443)),
        "proto": "tcp", "service": chance.choice(("ssl", "http")),
        "duration": chance.randrange(9_000_000) / 10**6, "orig_bytes": chance.randrange(9000),
        "resp_bytes": chance.randrange(90_000), "conn_state": "SF", "missed_bytes": 0,
        "history": "ShADadFf", "orig_pkts": chance.randrange(99), "resp_pkts": chance.randrange(99),
    }  # fmt: skip


def zeek_json_line(number: int, chance: random.Random) -> str:
    """The same in JSON, with the log's name."""
    return _compact({"_path": "conn", **zeek_record(number, chance)})


def zeek_line(number: int, chance: random.Random) -> str:
    """The same as tab-separated values."""
    values = zeek_record(number, chance).values()
    return "\t".join(f"{one:.6f}" if isinstance(one, float) else str(one) for one in values)


ZEEK_HEADER = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
    "#fields\t"
    + "\t".join(zeek_record(0, random.Random(0)))
    + "\n#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring"
    "\tcount\tstring\tcount\tcount\n"
)


def suricata_line(number: int, chance: random.Random) -> str:
    """A request or an answer to a query as Suricata logs it."""
    moment = _START + dt.timedelta(seconds=number / 40)
    event: dict[str, object] = {
        "timestamp": f"{moment:%Y-%m-%dT%H:%M:%S.%f}+0000", "flow_id": chance.getrandbits(50),
        "in_iface": "eth0", "event_type": "http" if number % 4 else "dns",
        "src_ip": f"198.51.100.{chance.randrange(256)}", "src_port": chance.randrange(65_536),
        "dest_ip": "203.0.113.9", "dest_port": 80 if number % 4 else 53, "proto": "TCP",
    }  # fmt: skip
    if number % 4:
        event["http"] = {
            "hostname": "www.example.org", "url": f"/a/{chance.randrange(90_000)}?q=1",
            "http_user_agent": chance.choice(_AGENTS), "http_method": "GET", "status": 200,
            "protocol": "HTTP/1.1", "length": chance.randrange(9000),
        }  # fmt: skip
    else:
        event["dns"] = {
            "version": 2, "type": "answer", "rrtype": "A", "rcode": "NOERROR",
            "rrname": f"h{chance.randrange(900)}.example.org",
            "answers": [{"rrtype": "A", "rdata": f"203.0.113.{chance.randrange(256)}"}],
        }  # fmt: skip
    return _compact(event)


def defender_line(number: int, chance: random.Random) -> str:
    """A process event of Defender's advanced hunting, as the API gives it."""
    moment = f"{_START + dt.timedelta(seconds=number / 40):%Y-%m-%dT%H:%M:%S.%f}0Z"
    image = chance.choice(_IMAGES)
    name = image.rpartition("\\")[2]
    return _compact({
        "Timestamp": moment, "DeviceId": f"{number % 40:040x}",
        "DeviceName": f"ws{number % 40}.example.org", "ActionType": "ProcessCreated",
        "FileName": name, "FolderPath": image, "SHA1": f"{chance.getrandbits(160):040x}",
        "ProcessId": chance.randrange(60_000), "ProcessCommandLine": f'"{image}" {chance.random()}',
        "ProcessCreationTime": moment, "AccountName": "alice", "AccountDomain": "example",
        "InitiatingProcessFileName": "explorer.exe", "InitiatingProcessId": number % 60_000,
        "InitiatingProcessCommandLine": "explorer.exe", "ReportId": number,
    })  # fmt: skip


def cloudtrail_line(number: int, chance: random.Random) -> str:
    """A call as CloudTrail records it."""
    moment = _START + dt.timedelta(seconds=number // 40)
    user = f"user{chance.randrange(90)}"
    return _compact({
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser", "principalId": "AIDAEXAMPLE", "accountId": "123456789012",
            "arn": f"arn:aws:iam::123456789012:user/{user}", "userName": user,
        },
        "eventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "eventSource": "s3.amazonaws.com",
        "eventName": chance.choice(("GetObject", "ListBucket", "PutObject")),
        "awsRegion": "eu-west-1", "sourceIPAddress": f"198.51.100.{chance.randrange(256)}",
        "userAgent": "aws-cli/2", "responseElements": None,
        "requestParameters": {"bucketName": "logs", "key": f"k{chance.randrange(9000)}"},
        "requestID": f"{chance.getrandbits(64):x}", "eventID": f"{chance.getrandbits(128):x}",
        "eventType": "AwsApiCall", "recipientAccountId": "123456789012",
    })  # fmt: skip


def iis_line(number: int, chance: random.Random) -> str:
    """A request as IIS logs it."""
    moment = _START + dt.timedelta(seconds=number // 40)
    agent = chance.choice(_AGENTS).replace(" ", "+")
    return (
        f"{moment:%Y-%m-%d %H:%M:%S} 192.0.2.1 GET /shop/{chance.randrange(90_000)}"
        f" q={chance.random():.6f} 443 - 198.51.100.{chance.randrange(256)} {agent} -"
        f" {chance.choice((200, 200, 304, 404))} 0 0 {chance.randrange(900)}"
    )


IIS_HEADER = (
    "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n"
    "#Date: 2026-06-01 00:00:00\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port"
    " cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status"
    " time-taken\n"
)


def _compact(record: object) -> str:
    return json.dumps(record, separators=(",", ":"))


LineMaker = Callable[[int, random.Random], str]


def write_lines(
    path: Path, make: LineMaker, megabytes: int, header: str = "", distinct_megabytes: int = 64
) -> int:
    """A file of lines of about this size, and how many; the first part repeats after a while."""
    chance = random.Random(path.name)
    lines: list[str] = []
    size = 0
    while size < min(megabytes, distinct_megabytes) * 1_000_000:
        lines.append(make(len(lines), chance))
        size += len(lines[-1]) + 1
    block = ("\n".join(lines) + "\n").encode()
    times = max(1, round(megabytes * 1_000_000 / len(block)))
    with path.open("wb") as file:
        file.write(header.encode())
        for _ in range(times):
            file.write(block)
    return times * len(lines)


def real_windows_lines(archive: Path, path: Path, megabytes: int) -> int:
    """Windows events of OTRF's data sets, one a line, up to a size; how many."""
    count = size = 0
    with path.open("wb") as file:
        for member in _members(archive):
            for line in member.split(b"\n"):
                if line.startswith(b"{") and line.endswith(b"}") and b'"EventID"' in line:
                    file.write(line + b"\n")
                    count, size = count + 1, size + len(line) + 1
            if size > megabytes * 1_000_000:
                break
    return count


def _members(archive: Path) -> Iterator[bytes]:
    with zipfile.ZipFile(archive) as outer:
        for name in outer.namelist():
            if name.endswith(".json"):
                yield outer.read(name)
            elif name.endswith(".zip"):
                with outer.open(name) as file, zipfile.ZipFile(file) as inner:
                    yield from (inner.read(n) for n in inner.namelist() if n.endswith(".json"))


def evtx_files(archive: Path, folder: Path) -> list[Path]:
    """The event logs of an archive, unpacked."""
    found = []
    with zipfile.ZipFile(archive) as packed:
        for number, name in enumerate(sorted(packed.namelist())):
            if name.endswith(".evtx"):
                path = folder / f"{number}.evtx"
                path.write_bytes(packed.read(name))
                found.append(path)
    return found


def joined_evtx(files: list[Path], path: Path, megabytes: int) -> None:
    """One event log of the chunks of many that hold records, numbered through, repeated."""
    chunks: list[bytes] = []
    for file in files:
        data = file.read_bytes()
        starts = range(_EVTX_HEADER, len(data) - _EVTX_CHUNK + 1, _EVTX_CHUNK)
        pieces = (data[start : start + _EVTX_CHUNK] for start in starts)
        chunks += [c for c in pieces if c[:8] == b"ElfChnk\0" and c[512:516] == b"**\0\0"]
    number = 0
    with path.open("wb") as out:
        out.write(files[0].read_bytes()[:_EVTX_HEADER])
        while out.tell() < megabytes * 1_000_000:
            for chunk in chunks:
                changed = bytearray(chunk)
                place = 512
                (free,) = struct.unpack_from("<I", chunk, 48)
                while place + 24 <= free and chunk[place : place + 4] == b"**\0\0":
                    number += 1
                    struct.pack_into("<Q", changed, place + 8, number)
                    place += struct.unpack_from("<I", chunk, place + 4)[0]
                out.write(changed)
