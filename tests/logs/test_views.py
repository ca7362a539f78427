"""Every view of a platform's table stands on columns that are there, with their very types."""

from collections.abc import Iterator

import pytest

from vedette.plan.expressions import Column, Expression, Fields
from vedette.plan.meaning import express
from vedette.plan.types import Type
from vedette.tables.catalog import builtin_table, event_tables, view_sources
from vedette.tables.views import ELEMENT

SENTINEL_VIEWS = (
    "AADManagedIdentitySignInLogs", "AADNonInteractiveUserSignInLogs",
    "AADServicePrincipalSignInLogs", "ASimAuditEventLogs", "ASimAuthenticationEventLogs",
    "ASimDnsActivityLogs",
    "ASimFileEventLogs", "ASimNetworkSessionLogs", "ASimProcessEventLogs",
    "ASimRegistryEventLogs", "ASimWebSessionLogs", "AWSCloudTrail", "AuditLogs", "CloudAppEvents",
    "CommonSecurityLog", "DeviceEvents", "DeviceFileEvents", "DeviceImageLoadEvents",
    "DeviceLogonEvents", "DeviceNetworkEvents", "DeviceProcessEvents", "DeviceRegistryEvents",
    "EmailAttachmentInfo", "EmailEvents", "EmailUrlInfo", "Event", "IdentityLogonEvents",
    "LinuxAuditLog", "OfficeActivity",
    "SecurityEvent", "SigninLogs", "Syslog", "UrlClickEvents", "W3CIISLog", "WindowsEvent",
    "WindowsFirewall",
)  # fmt: skip


def notations() -> Iterator[tuple[str, str, str, str]]:
    for view in SENTINEL_VIEWS:
        for source in view_sources(view):
            for column, notation in source.columns.items():
                yield view, source.event_table, column, notation


def typed(notation: str, event_table: str) -> Expression:
    fields = Fields()
    types = {**event_tables()[event_table], ELEMENT: Type.DYNAMIC}
    return express(notation, lambda name: (Column(fields.new(name, types[name])),))


@pytest.mark.parametrize("view", SENTINEL_VIEWS)
def test_a_view_has_sources(view: str) -> None:
    assert view_sources(view)


@pytest.mark.parametrize(("view", "event_table", "column", "notation"), list(notations()))
def test_a_column_of_a_view_has_its_type(
    view: str, event_table: str, column: str, notation: str
) -> None:
    table = builtin_table(view)
    assert table is not None
    assert column in table.columns
    assert typed(notation, event_table).type is table.columns[column]


@pytest.mark.parametrize("view", SENTINEL_VIEWS)
def test_the_condition_of_a_source_is_a_bool(view: str) -> None:
    for source in view_sources(view):
        if source.where:
            assert typed(source.where, source.event_table).type is Type.BOOL
