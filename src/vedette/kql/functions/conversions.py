"""Conversions: what cannot be read gives null."""

from vedette.plan.library import function

FUNCTIONS = (
    function("tobool(value: any) -> bool", "to_bool(value)", ("tobool('true')", "true"), ("tobool('x')", "bool(null)"), aliases=("toboolean",)),
    function("todouble(value: any) -> real", "to_real(value)", ("todouble('123.5')", "123.5"), ("todouble('1_000')", "real(null)"), aliases=("toreal",)),
    function("todecimal(value: any) -> decimal", "to_decimal(value)", ("todecimal('123.5')", "decimal(123.5)")),
    function("todatetime(value: any) -> datetime", "to_datetime(value)", ("todatetime('2015-12-24')", "datetime(2015-12-24)"), ("todatetime('x')", "datetime(null)")),
    function("totimespan(value: any) -> timespan", "to_timespan(value)", ("totimespan('0.00:01:00')", "1m"), ("totimespan('x')", "timespan(null)"), aliases=("totime",)),
    function("toguid(value: any) -> guid", "to_guid(value)", ("toguid('70fc66f7-8279-44fc-9092-d364d70fce44')", "guid(70fc66f7-8279-44fc-9092-d364d70fce44)")),
    function("gettype(value: any) -> string", "kind_of(value)", ("gettype(1)", "'long'"), ("gettype(1.5)", "'real'"), ("gettype(dynamic([1]))", "'array'"), ("gettype(dynamic({'a': 1.5}).a)", "'double'"), ("gettype(dynamic(null))", "'null'"), ("gettype(parse_json('{\"a\":true}').a)", "'bool'")),
)  # fmt: skip
