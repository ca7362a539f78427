"""Conversions between types; what cannot be read becomes null, never an error.

``widen`` ones change only the type of a value; ``parse`` ones read text; ``text_of`` writes a value
the way Kusto's ``tostring`` does; ``plain_text_of`` the way QRadar shows it.
"""

from vedette.plan.operations.base import Null, operation

OPERATIONS = (
    operation("to_bool(value: any) -> bool", "as Kusto's tobool", Null.OWN),
    operation("to_int(value: any) -> int", "as Kusto's toint", Null.OWN),
    operation("to_long(value: any) -> long", "as Kusto's tolong", Null.OWN),
    operation("to_real(value: any) -> real", "as Kusto's toreal", Null.OWN),
    operation(
        "number_of_text(text: string) -> real",
        "the number written in digits; null of NaN and the infinities, too",
        Null.OWN,
    ),
    operation("to_decimal(value: any) -> decimal", "as Kusto's todecimal", Null.OWN),
    operation("to_datetime(value: any) -> datetime", "as Kusto's todatetime", Null.OWN),
    operation("to_timespan(value: any) -> timespan", "as Kusto's totimespan", Null.OWN),
    operation("to_guid(value: any) -> guid", "as Kusto's toguid", Null.OWN),
    operation(
        "to_dynamic(value: any) -> dynamic", "the value as a JSON value of its type", Null.OWN
    ),
    operation("text_of(value: any) -> string", "as Kusto's tostring: empty for null", Null.NEVER),
    operation("plain_text_of(value: any) -> string", "the value in QRadar's notation"),
)
