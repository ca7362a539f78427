"""Headers of Cisco's routers and call managers, which have more before a message id than others."""

from typing import Any

import pytest

from vedette.logs.syslog import Envelope
from vedette.logs.times import iso_ticks

NEWEST = iso_ticks("2026-11-22T03:00:00Z") or 0
XR = "%MGBL-SYS-5-CONFIG_I : Configured"
CALLS = "%UC_AUDITLOG-5-AdministrativeEvent: %[UserID=a]: Configured"


@pytest.mark.parametrize(
    ("line", "time", "host", "process"),
    [
        (f"<190>7: r1 RP/0/RSP0/CPU0:Nov 21 10:00:00.1 UTC: config[65]: {XR}", ".1", "r1", "65"),
        (f"<190>7: LC/0/2/CPU0:Nov 21 10:00:00.5 : config[65]: {XR}", ".5", None, "65"),
        (f"RP/0/RP0/CPU0:Nov 21 10:00:00 UTC: config: {XR}", "", None, None),
        (f"<190>Nov 21 11:00:00 x 7: r1 RP/0/0/CPU0:Nov 21 10:00:00 : c[6]: {XR}", "", "r1", "6"),
        (f"<190>7: r1 0/RP0/ADMIN0:Nov 21 10:00:00 : c[6]: {XR}", "", "r1", "6"),
        (f"<189>7: cm1.example: Nov 21 2026 10:00:00.5 UTC :  {CALLS}", ".5", "cm1.example", None),
        (f"<189>7: : cm1: Nov 21 2026 10:00:00 AM.685 UTC :  {CALLS}", ".685", "cm1", None),
        (f"<189>7: cm1: Nov 20 2026 10:00:00 PM.5 UTC :  {CALLS}", "PM", "cm1", None),
        (f"<189>7: cm1: *Nov 21 2026 11:00:00.000 +0100: {CALLS}", "", "cm1", None),
    ],
)  # fmt: skip
def test_ios_xr_and_call_managers(
    line: str, time: str, host: str | None, process: str | None
) -> None:
    found = Envelope(NEWEST).split(line)
    assert found is not None
    header, message = found
    moment = "2026-11-20T22:00:00.5Z" if time == "PM" else f"2026-11-21T10:00:00{time}Z"
    assert header.time == iso_ticks(moment)
    assert (header.host, header.process) == (host, process)
    kind = "%MGBL-SYS-5-CONFIG_I" if "MGBL" in line else "%UC_AUDITLOG-5-AdministrativeEvent"
    assert (header.application, message.endswith("Configured")) == (kind, True)


def test_a_call_managers_events_are_its_own(read_bytes: Any) -> None:
    row = read_bytes(f"<189>7: cm1: Nov 21 2026 10:00:00.5 UTC :  {CALLS}\n").row()
    assert row["log_source_type"] == "Cisco Call Manager"
    assert row["device_class_id"] == "UC_AUDITLOG-5-AdministrativeEvent"
