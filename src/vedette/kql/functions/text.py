"""Text."""

from vedette.plan.library import function

FUNCTIONS = (
    function("strlen(text: string) -> long", "text_length(text)", ("strlen('hello')", "5"), ("strlen('Grüße')", "5")),
    function("tolower(text: string) -> string", "text_lower(text)", ("tolower('Hello')", "'hello'")),
    function("toupper(text: string) -> string", "text_upper(text)", ("toupper('hello')", "'HELLO'")),
    function("indexof(text: string, lookup: string) -> long", "text_position(text, lookup)", ("indexof('abcdefg', 'cde')", "2"), ("indexof('abc', 'x')", "-1")),
    function("strcmp(left: string, right: string) -> long", "case(equals(left, right), 0, less(left, right), -1, 1)", ("strcmp('ABC', 'ABC')", "0"), ("strcmp('abc', 'ABC')", "1"), ("strcmp('ABC', 'abc')", "-1")),
    function("replace_string(text: string, lookup: string, rewrite: string) -> string", "text_replace(text, lookup, rewrite)", ("replace_string('a.b.c', '.', '::')", "'a::b::c'")),
)  # fmt: skip
