"""Records of CloudTrail, of Microsoft 365's audit log and of Entra, and the tables they fill."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vedette.logs.times import iso_ticks
from vedette.workspace import Workspace

SAMPLES = Path(__file__).parent / "samples"
TRAIL: dict[str, Any] = {
    "eventVersion": "1.08", "eventID": "e1", "eventTime": "2026-03-11T05:16:41Z",
    "eventType": "AwsApiCall", "eventSource": "ec2.amazonaws.com", "awsRegion": "eu-west-1",
    "eventName": "AuthorizeSecurityGroupIngress", "sourceIPAddress": "192.0.2.1",
    "userAgent": "aws-cli", "readOnly": False, "recipientAccountId": "123456789012",
    "userIdentity": {
        "type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/admin/ann",
        "accountId": "123456789012", "accessKeyId": "ASIA",
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "userName": "admin"},
            "attributes": {"mfaAuthenticated": "true", "creationDate": "2026-03-11T05:00:00Z"},
        },
    },
    "requestParameters": {"groupId": "sg-1", "ipPermissions": {"items": [
        {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
         "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}},
    ]}},
    "responseElements": {"_return": True},
}  # fmt: skip
LOGIN = TRAIL | {
    "eventID": "e2", "eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com",
    "eventType": "AwsConsoleSignIn", "errorMessage": "Failed authentication",
    "userIdentity": {"type": "IAMUser", "userName": "eve", "accountId": "123456789012"},
    "requestParameters": None, "responseElements": {"ConsoleLogin": "Failure"},
}  # fmt: skip
RULE: dict[str, Any] = {
    "CreationTime": "2026-03-11T05:16:41", "Id": "i", "Operation": "New-InboxRule", "UserType": 2,
    "OrganizationId": "o", "RecordType": 1, "ResultStatus": "True", "Workload": "Exchange",
    "ClientIP": "[2001:db8::1]:50123", "UserId": "ann@example.org", "ObjectId": "ann\\rule",
    "UserKey": "k", "Parameters": [{"Name": "DeleteMessage", "Value": "True"}],
}  # fmt: skip
SIGNED_IN = RULE | {
    "Operation": "UserLoggedIn", "Workload": "AzureActiveDirectory", "RecordType": 15,
    "ClientIP": "192.0.2.9:443", "UserId": "bob@example.org", "ResultStatus": "Success",
    "ExtendedProperties": [
        {"Name": "RequestType", "Value": "OAuth2:Token"}, {"Name": "UserAgent", "Value": "Agent/1"},
    ],
    "DeviceProperties": [{"Name": "OS", "Value": "Linux"}, {"Name": "SessionId", "Value": "s-1"}],
}  # fmt: skip


AS_CSV = (
    'CreationDate,UserIds,Operations,AuditData\n2026-03-11,a,b,"'
    + '"\n2026-03-11,a,b,"'.join(json.dumps(r).replace('"', '""') for r in (RULE, SIGNED_IN))
    + '"\n'
)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"Records": [TRAIL, LOGIN]}),
        json.dumps(TRAIL) + "\n" + json.dumps(LOGIN) + "\n",
        json.dumps([TRAIL, LOGIN], indent=2),
        "".join(json.dumps({"detail-type": "x", "detail": r}) + "\n" for r in (TRAIL, LOGIN)),
        json.dumps({"Events": [{"CloudTrailEvent": json.dumps(r)} for r in (TRAIL, LOGIN)]}),
        "".join(f"2026-03-11T05:17:02.123Z {json.dumps(r)}\n" for r in (TRAIL, LOGIN)),
        '{"Records":[\n' + ",\n".join(json.dumps(r) for r in (TRAIL, LOGIN)) + "\n]}\n",
        "[\n" + "\n,".join(json.dumps(r) for r in (TRAIL, LOGIN)) + "\n]\n",
    ],
    ids=[
        "delivered",
        "lines",
        "array",
        "bridge",
        "lookup",
        "cloudwatch",
        "delivered in lines",
        "array in lines",
    ],
)
def test_every_way_that_cloudtrail_comes(text: str, read_bytes: Any) -> None:
    read = read_bytes(text, "trail.json")
    assert (read.format, read.reasons) == ("cloudtrail", [])
    assert [table for table, _ in read.rows] == ["audit_event", "signin_event"]
    (_, call), (_, login) = read.rows
    assert call["time"] == iso_ticks("2026-03-11T05:16:41Z")
    assert (call["user"], call["action"], call["region"]) == (
        "admin", "AuthorizeSecurityGroupIngress", "eu-west-1",
    )  # fmt: skip
    assert (login["user"], login["action"], login["failure_reason"]) == (
        "eve", "LogonFailed", "Failed authentication",
    )  # fmt: skip
    assert json.loads(call["event_data"]) == TRAIL


def test_a_service_s_name_is_no_address(read_bytes: Any) -> None:
    record = TRAIL | {"sourceIPAddress": "cloudformation.amazonaws.com"}
    row = read_bytes(json.dumps(record) + "\n", "a.json").row()
    assert "source_ip" not in row


def test_what_is_no_record_is_told(read_bytes: Any) -> None:
    read = read_bytes(json.dumps({"Records": [TRAIL, {"a": 1}, 5]}), "a.json")
    assert len(read.rows) == 1
    reasons = [reason.split(":")[0] for reason in read.reasons]
    assert reasons == ["no record of CloudTrail", "no JSON object"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(RULE) + "\n" + json.dumps(SIGNED_IN) + "\n",
        json.dumps([RULE, SIGNED_IN]),
        f"[{json.dumps(RULE)},\n{json.dumps(SIGNED_IN)}]",
        json.dumps([{"AuditData": json.dumps(r), "Operations": "x"} for r in (RULE, SIGNED_IN)]),
        json.dumps({"value": [{"auditData": r, "operation": "x"} for r in (RULE, SIGNED_IN)]}),
        AS_CSV,
        f"#TYPE Deserialized.Audit.Log\r\n{AS_CSV}",
    ],
    ids=["lines", "array", "array in lines", "search", "graph", "csv", "PowerShell"],
)  # fmt: skip
def test_every_way_that_the_audit_log_comes(text: str, read_bytes: Any) -> None:
    read = read_bytes(text, "audit")
    assert (read.format, read.reasons) == ("m365_audit", [])
    (table, rule), (other, login) = read.rows
    assert (table, other) == ("audit_event", "signin_event")
    assert (rule["record_type"], rule["user_type"]) == ("ExchangeAdmin", "Admin")
    assert (rule["source_ip"], rule["source_port"]) == ("2001:db8::1", 50123)
    assert (login["action"], login["user"]) == ("LogonSuccess", "bob@example.org")
    assert (login["source_ip"], login["source_port"]) == ("192.0.2.9", 443)
    assert (login["user_agent"], login["session"]) == ("Agent/1", "s-1")


@pytest.mark.parametrize(
    ("more", "action", "reason"),
    [
        ({"LogonError": "UserAccountNotFound"}, "LogonFailed", "UserAccountNotFound"),
        ({"ResultStatus": "Failed", "ErrorNumber": "50126"}, "LogonFailed", "50126"),
        ({"ResultStatus": "Succeeded", "LogonError": ""}, "LogonSuccess", None),
    ],
)  # fmt: skip
def test_a_sign_in_that_failed(
    more: dict[str, Any], action: str, reason: str | None, read_bytes: Any
) -> None:
    row = read_bytes(json.dumps(SIGNED_IN | more) + "\n", "a.json").row()
    assert (row["action"], row.get("failure_reason")) == (action, reason)


def test_a_search_s_record_that_is_no_json_is_told(read_bytes: Any) -> None:
    text = 'Operations,AuditData\na,"{""CreationTime"": "\na,{}\n'
    read = read_bytes(text, "a.csv")
    assert read.rows == []
    assert read.reasons[0].startswith("AuditData: no JSON")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """What the samples and this file's records fill."""
    folder = tmp_path_factory.mktemp("clouds")
    logs = folder / "logs"
    logs.mkdir()
    (logs / "trail.json").write_text(json.dumps({"Records": [TRAIL, LOGIN]}))
    (logs / "audit.jsonl").write_text(f"{json.dumps(RULE)}\n{json.dumps(SIGNED_IN)}\n")
    for name in ("diagnostic.jsonl", "graph.json"):
        (logs / name).write_bytes((SAMPLES / "entra" / name).read_bytes())
    with Workspace(folder / "workspace") as made:
        made.ingest(logs)
        yield made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("AWSCloudTrail | sort by EventName asc | project EventName, UserIdentityType",
         [("AuthorizeSecurityGroupIngress", "AssumedRole"), ("ConsoleLogin", "IAMUser")]),
        (("AWSCloudTrail | where CidrIp == '0.0.0.0/0' | project SourcePort, IpProtocol,"
         " SessionMfaAuthenticated, ReadOnly, SessionIssuerUserName"),
         [("22", "tcp", True, False, "admin")]),
        (("AWSCloudTrail | where EventName == 'ConsoleLogin' | project"
         " tostring(parse_json(ResponseElements).ConsoleLogin), ErrorMessage"),
         [("Failure", "Failed authentication")]),
        (("OfficeActivity | project Operation, OfficeWorkload, RecordType, UserId, ClientIP,"
         " parse_json(Parameters)[0].Name, OfficeObjectId"),
         [("New-InboxRule", "Exchange", "ExchangeAdmin", "ann@example.org", "[2001:db8::1]:50123",
           "DeleteMessage", "ann\\rule")]),
        (("CloudAppEvents | sort by ActionType asc | project ActionType, Application,"
         " tostring(RawEventData.UserId)"),
         [("New-InboxRule", "Microsoft Exchange Online", "ann@example.org"),
          ("UserLoggedIn", "Microsoft 365", "bob@example.org")]),
        (("SigninLogs | where ResultType == '50126' | summarize Count = count() by"
         " UserPrincipalName, IPAddress, Location, tostring(Status.errorCode), IsInteractive"),
         [("ann@example.org", "192.0.2.7", "NL", "50126", True, 3)]),
        (("AuditLogs | project OperationName, AADOperationType, Result, LoggedByService,"
         " tostring(TargetResources[0].userPrincipalName), tostring(InitiatedBy.user.id)"),
         [("Add member to role", "Assign", "success", "Core Directory", "eve@example.org", "u")]),
    ],
)  # fmt: skip
def test_the_platforms_tables(workspace: Workspace, query: str, expected: list[Any]) -> None:
    assert workspace.query(query).rows() == expected


RULES = [
    ("aws", "cloudtrail", "eventName: ConsoleLogin, responseElements.ConsoleLogin: Failure", 1),
    ("aws", "cloudtrail", "userIdentity.type: AssumedRole, eventSource: ec2.amazonaws.com", 1),
    ("m365", "audit", "Operation: New-InboxRule, Parameters|contains: DeleteMessage", 1),
    ("m365", "audit", "Operation: UserLoggedIn", 1),
    (
        "azure",
        "signinlogs",
        "ResultType: 50126, AuthenticationRequirement: singleFactorAuthentication",
        3,
    ),
    ("azure", "signinlogs", "Status: Success", 0),
    ("azure", "auditlogs", "properties.message: Add member to role", 1),
    ("azure", "auditlogs", "LoggedByService: Core Directory, Category: RoleManagement", 1),
    ("aws", "cloudtrail", "eventName: New-InboxRule", 0),
]


@pytest.mark.parametrize(("product", "service", "selection", "count"), RULES)
def test_published_rules_fields(
    workspace: Workspace, product: str, service: str, selection: str, count: int
) -> None:
    rule = (
        f"title: a rule\nlogsource: {{product: {product}, service: {service}}}\n"
        f"detection: {{selection: {{{selection}}}, condition: selection}}\n"
    )
    assert len(workspace.query(rule, "sigma")) == count


def test_a_record_s_own_status_is_asked_where_no_result_is_known(tmp_path: Path) -> None:
    log = tmp_path / "trail.json"
    log.write_text(json.dumps({"Records": [TRAIL | {"status": "success"}]}), encoding="utf-8")
    rule = (
        "title: a rule\nlogsource: {product: aws, service: cloudtrail}\n"
        "detection: {selection: {status: success}, condition: selection}\n"
    )
    with Workspace() as workspace:
        workspace.ingest(log)
        assert len(workspace.query(rule, "sigma")) == 1
