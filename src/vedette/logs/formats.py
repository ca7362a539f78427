"""Which format a source has: takes its first bytes and name, gives the reader that is surest."""

from __future__ import annotations

from vedette.logs.base import Layout, Reader
from vedette.logs.heads import longer_head
from vedette.logs.json_documents import JsonDocuments
from vedette.logs.lines import text_head
from vedette.logs.readers.access_log import AccessLogReader
from vedette.logs.readers.auditd import AuditdReader
from vedette.logs.readers.cef import CefReader
from vedette.logs.readers.cloudtrail import CLOUDTRAIL_READERS
from vedette.logs.readers.defender import (
    DEFENDER_READERS,
    SENTINEL_READERS,
    unclear_table,
)
from vedette.logs.readers.evtx import EvtxReader
from vedette.logs.readers.exchange import EXCHANGE_READERS
from vedette.logs.readers.json_records import JsonRecords
from vedette.logs.readers.leef import LeefReader
from vedette.logs.readers.lines import LinesReader
from vedette.logs.readers.m365 import M365_READERS
from vedette.logs.readers.mail import MailReader, in_delivery
from vedette.logs.readers.mbox import MboxReader
from vedette.logs.readers.mimecast import MIMECAST_READERS
from vedette.logs.readers.proofpoint import PROOFPOINT_READERS
from vedette.logs.readers.squid import SquidReader
from vedette.logs.readers.suricata import SURICATA_READERS
from vedette.logs.readers.syslog import SyslogReader
from vedette.logs.readers.syslog_frames import SyslogFramesReader
from vedette.logs.readers.tabular import CsvReader, JsonLinesReader, JsonRowsReader, ParquetReader
from vedette.logs.readers.w3c import W3cReader
from vedette.logs.readers.web_json import WEB_JSON_READERS
from vedette.logs.readers.windows_json import WindowsJsonLinesReader, WindowsJsonReader
from vedette.logs.readers.windows_text import WindowsTextReader
from vedette.logs.readers.windows_xml import WindowsXmlReader
from vedette.logs.readers.zeek import ZEEK_READERS
from vedette.logs.sources import Source

_CERTAIN = 100
"""How sure a reader is at most: no other is asked then."""
_BEHIND_NULS = (LinesReader, JsonDocuments, MailReader)
"""Readers of what stands behind NULs; to others these are bytes of their own format."""
_LOOKED_AT = 20
_DOUBTFUL = 40
"""As sure as a reader is at most that has not seen a whole record."""

READERS: tuple[Reader, ...] = (
    EvtxReader(),
    WindowsJsonLinesReader(),
    WindowsJsonReader(),
    AccessLogReader(),
    MailReader(),
    MboxReader(),
    *DEFENDER_READERS,
    *SENTINEL_READERS,
    *CLOUDTRAIL_READERS,
    *M365_READERS,
    *EXCHANGE_READERS,
    *PROOFPOINT_READERS,
    *MIMECAST_READERS,
    *ZEEK_READERS,
    *SURICATA_READERS,
    W3cReader(),
    SquidReader(),
    *WEB_JSON_READERS,
    CefReader(),
    LeefReader(),
    WindowsTextReader(),
    WindowsXmlReader(),
    AuditdReader(),
    SyslogReader(),
    SyslogFramesReader(),
)
"""Readers of formats that say themselves which tables their records belong to."""
_INSIDE = frozenset(
    n for reader in READERS if isinstance(reader, JsonRecords) for n in reader.inside
)


_PACKED = (b"\x1f\x8b", b"PK\x03\x04")
_OTHER_PACKERS = {
    b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"\x04\x22\x4d\x18": "lz4",
    b"7z\xbc\xaf\x27\x1c": "7-Zip", b"Rar!": "RAR",
}  # fmt: skip
_OUTLOOK = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"!BDN")


def reader_of(source: Source) -> Reader | None:
    """The reader of a source's own format; None where no reader knows it."""
    found = _surest(READERS, source)
    return None if found is None or _is_without_line_feeds(found, source) else found


def table_reader_of(source: Source, layout: Layout) -> Reader | None:
    """The reader that puts a source's records into one given table; None where none can."""
    readers = (
        ParquetReader(layout), JsonLinesReader(layout), JsonRowsReader(layout), CsvReader(layout),
    )  # fmt: skip
    return _surest(readers, source)


def _surest(readers: tuple[Reader, ...], source: Source) -> Reader | None:
    if source.nuls:  # others would read the NULs
        readers = tuple(reader for reader in readers if isinstance(reader, _BEHIND_NULS))
    score, reader = _asked(readers, source.head, source.name)
    if score <= _DOUBTFUL and (head := longer_head(source, _INSIDE)) is not None:
        _, reader = _asked(readers, head, source.name)
    return reader


def _asked(readers: tuple[Reader, ...], head: bytes, name: str) -> tuple[int, Reader | None]:
    best, surest = 0, None
    for reader in readers:
        score = reader.sniff(head, name)
        if score > best:
            best, surest = score, reader
        if best >= _CERTAIN:
            break
    return best, surest


def _is_without_line_feeds(reader: Reader | None, source: Source) -> bool:
    """Whether lines end in a carriage return alone: they are a log's, each by itself.

    *reader* knows the source, or None does; XML, frames that tell their length and JSON are read.
    """
    head = text_head(source)
    if b"\n" in head or b"\r" not in head:
        return False
    lines = head.split(b"\r")[:_LOOKED_AT]
    if reader is None:
        _, reader = _asked(READERS, b"\n".join(lines), source.name)
        return len(lines) > 1 and isinstance(reader, LinesReader)
    if not isinstance(reader, LinesReader) or not reader.line_by_line:
        return False
    rests = (b"\n".join(lines[place:]) for place in range(1, len(lines)))
    asked = (_asked(READERS, rest, source.name)[1] for rest in rests)
    return any(isinstance(found, LinesReader) for found in asked)


def unknown(source: Source) -> str:
    """Why a source is not read, and what would make it readable."""
    if _is_without_line_feeds(_surest(READERS, source), source):
        return "its lines end in carriage returns alone: make line feeds of them"
    head, name = source.head, source.name.lower()
    if source.nuls and (_asked(READERS, head, name)[1] is not None or head.startswith(_PACKED)):
        return f"{source.nuls:,} NULs stand before what it holds: remove them"
    if (several := unclear_table(head)) is not None:
        return several
    if in_delivery(source.name):
        return "a message that is being delivered: the maildir's new and cur are read"
    if head.startswith(_OUTLOOK) and name.endswith((".msg", ".pst", ".ost")):
        return "mail in Outlook's own format: export it as .eml or mbox"
    for begins, packer in _OTHER_PACKERS.items():
        if head.startswith(begins):
            return f"packed by {packer}, which is not opened: unpack it first"
    if head.startswith(b"PAR1") or name.endswith((".csv", ".tsv")):
        return "CSV and Parquet need a table: declare it and pass its name"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return "JSON of no known shape: declare a table and pass its name"
    return "not a log of a known format"
