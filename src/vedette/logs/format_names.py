"""What each format that is read is called and is, in words: for people, without its reader."""

from typing import Final

FORMATS: Final = {
    "evtx": "Windows event log files (.evtx)",
    "windows_json": "Windows events as JSON, of Winlogbeat, NXLog, EvtxECmd and others",
    "windows_xml": "Windows events as XML documents",
    "windows_text": "Windows events as lines of WinCollect and Snare",
    "auditd": "Linux's audit log",
    "access_log": "access logs of Apache and nginx, common and combined form",
    "web_json": "access logs of web servers as JSON lines",
    "w3c": "W3C extended logs: IIS, proxies, Windows' firewall",
    "squid": "Squid's access.log, native, common and combined form",
    "zeek": "Zeek's logs, with their header or as JSON",
    "suricata": "Suricata's EVE log",
    "cef": "CEF, the common event format, with or without syslog around it",
    "leef": "LEEF, QRadar's log event extended format, with or without syslog around it",
    "syslog": "syslog messages a line, RFC 3164 and RFC 5424",
    "syslog_frames": "syslog messages behind their lengths",
    "defender": "exports of Defender's tables, CSV and JSON",
    "sentinel": "exports of Sentinel's tables, CSV and JSON",
    "cloudtrail": "AWS CloudTrail",
    "m365_audit": "Microsoft 365's unified audit log",
    "entra": "Entra's sign-in and audit logs",
    "exchange_tracking": "Exchange's message tracking logs",
    "message_trace": "Exchange Online's message traces",
    "proofpoint": "Proofpoint's messages and clicks",
    "mimecast": "Mimecast's SIEM logs",
    "mail": "mail, a message a file",
    "mbox": "mailboxes of messages behind each other",
    "csv": "CSV, into a table that is named (--table)",
    "json_lines": "JSON lines, into a table that is named (--table)",
    "json": "JSON documents, into a table that is named (--table)",
    "parquet": "Parquet, into a table that is named (--table)",
}
"""Every format's name and what it is."""
