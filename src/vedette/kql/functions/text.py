"""Text."""

from vedette.plan.library import function

FUNCTIONS = (
    function("strlen(text: string) -> long", "text_length(text)", ("strlen('hello')", "5"), ("strlen('Grüße')", "5")),
    function("tolower(text: any) -> string", "text_lower(text_of(text))", ("tolower(guid(70FC66F7-8279-44fc-9092-d364d70fce44))", "'70fc66f7-8279-44fc-9092-d364d70fce44'"), ("tolower('Hello')", "'hello'")),
    function("toupper(text: any) -> string", "text_upper(text_of(text))", ("toupper(true)", "'TRUE'"), ("toupper('hello')", "'HELLO'")),
    function("strcmp(left: any, right: any) -> long", "case(equals(text_of(left), text_of(right)), 0, less(text_of(left), text_of(right)), -1, 1)", ("strcmp(10, '9')", "-1"), ("strcmp('ABC', 'ABC')", "0"), ("strcmp('abc', 'ABC')", "1"), ("strcmp('ABC', 'abc')", "-1")),
    function("replace_string(text: string, lookup: string, rewrite: string) -> string", "text_replace(text, lookup, rewrite)", ("replace_string('a.b.c', '.', '::')", "'a::b::c'")),
    function("reverse(text: any) -> string", "text_reverse(text_of(text))", ("reverse('tide')", "'edit'"), ("reverse(123.45)", "'54.321'"), ("reverse(3h)", "'00:00:30'"), ("reverse('añb')", "'bña'"), ("reverse('')", "''")),
    function("string_size(text: string) -> long", "text_size(text)", ("string_size('tide')", "4"), ("string_size('Mühle')", "6"), ("string_size('')", "0")),
    function("isascii(text: string) -> bool", "text_is_ascii(text)", ("isascii('tide 7~')", "true"), ("isascii('Mühle')", "false")),
    function("base64_encode_tostring(text: string) -> string", "text_encode_base64(text_encode_utf8(text))", ("base64_encode_tostring('tide')", "'dGlkZQ=='"), ("base64_encode_tostring('ü')", "'w7w='"), aliases=("base64_encodestring",)),
    function("base64_decode_tostring(text: string) -> string", "or_empty(text_decode_utf8(text_decode_base64(text)))", ("base64_decode_tostring('dGlkZQ==')", "'tide'"), ("base64_decode_tostring('w7w=')", "'ü'"), ("base64_decode_tostring('/w==')", "''"), aliases=("base64_decodestring",)),
    function("isutf8(text: string) -> bool", "not(is_null(text))", ("isutf8('Mühle')", "true"), ("isutf8('')", "true")),
)  # fmt: skip
