"""Functions that compute a value from their arguments.

An empty meaning is bound in ``vedette.aql.binding.calls``: it depends on the arguments' types or the clock.
"""

from vedette.plan.library import Library, function

PAGE = "aql-data-calculation-formatting-functions"
_FROM = "case(less(to_long(start), 0), 0, to_long(start))"  # as Java's indexOf
_BEHIND = f"text_position(text_slice(text, {_FROM}, text_length(text)), part)"

SCALARS = Library(
    (
        function("BASE64(bytes: binary) -> string", "text_encode_base64(bytes)", page=PAGE),
        function("CONCAT(parts: any...) -> string", "", ("CONCAT('a', 'b', 1)", "'ab1'"), page=PAGE),
        function("DATEFORMAT(milliseconds: number, pattern: string) -> string", "time_format_java(time_from_unix_milliseconds(to_long(milliseconds)), pattern)", ("DATEFORMAT(0, 'yyyy-MM-dd HH:mm:ss')", "'1970-01-01 00:00:00'"), ("DATEFORMAT(1700000000123, 'dd/MM/yy hh:mm a')", "'14/11/23 10:13 PM'"), page=PAGE),
        function("DOUBLE(value: any) -> real", "to_real(value)", ("DOUBLE('2.5')", "2.5"), page=PAGE),
        function("INCIDR(range: string, address: string) -> bool", "ipv4_in_range(address, range)", ("INCIDR('10.0.0.0/8', '10.1.2.3')", "TRUE"), ("INCIDR('10.0.0.0/8', '11.1.2.3')", "FALSE"), ("INCIDR('10.1.2.3', '10.1.2.3')", "TRUE"), page="aql-data-retrieval-functions"),
        function("LONG(value: any) -> long", "", ("LONG('42')", "42"), ("LONG('192.0.2.1')", "3221225985"), ("LONG(2.9)", "2"), page=PAGE),
        function("LOWER(text: string) -> string", "text_lower(text)", ("LOWER('AbC')", "'abc'"), page=PAGE),
        function("NOW() -> long", "", page=PAGE),
        function("PARSEDATETIME(reference: string) -> long", "", page=PAGE),
        function("PARSETIMESTAMP(pattern: string, text: string) -> long", "", ("PARSETIMESTAMP('yyyy-MM-dd HH:mm', '2023-11-14 22:13')", "1699999980000"), ("PARSETIMESTAMP('EEE MMM d yyyy HH:mm:ss z', 'Thu August 24 2017 22:30:21 GMT+01:00')", "1503610221000"), ("PARSETIMESTAMP('yyyy', 'x')", "NULL"), page=PAGE),
        function("REPLACEALL(pattern: string, text: string, replacement: string) -> string", "", ("REPLACEALL('[0-9]', 'a1b22', '#')", "'a#b##'"), ("REPLACEALL('(a)(b)', 'abab', '$2$1')", "'baba'"), page=PAGE),
        function("REPLACEFIRST(pattern: string, text: string, replacement: string) -> string", "", ("REPLACEFIRST('[0-9]', 'a1b22', '#')", "'a#b22'"), page=PAGE),
        function("STR(value: any) -> string", "plain_text_of(value)", ("STR(42)", "'42'"), page=PAGE),
        function("STRLEN(text: string) -> long", "text_length(text)", ("STRLEN('abc')", "3"), page=PAGE),
        function("STRPOS(text: string, part: string, start: whole?) -> long", f"case(less({_BEHIND}, 0), negate(1), add({_BEHIND}, {_FROM}))", ("STRPOS('banana', 'an')", "1"), ("STRPOS('banana', 'an', -4)", "1"), ("STRPOS('banana', 'an', 2)", "3"), ("STRPOS('banana', 'x')", "-1"), page=PAGE, start="0"),
        function("SUBSTRING(text: string, start: whole, length: whole?) -> string", "text_slice(text, to_long(start), to_long(length))", ("SUBSTRING('banana', 1, 3)", "'ana'"), ("SUBSTRING('banana', 2)", "'nana'"), page=PAGE, length="text_length(text)"),
        function("UPPER(text: string) -> string", "text_upper(text)", ("UPPER('AbC')", "'ABC'"), page=PAGE),
        function("UTF8(bytes: binary) -> string", "text_decode_utf8(bytes)", page=PAGE),
    ),
    str.lower,
)  # fmt: skip
