"""Texts taken apart, coded and decoded."""

from vedette.plan.library import function

FUNCTIONS = (
    function("parse_xml(text: string) -> dynamic", "xml_as_json(text)", ("parse_xml('<a b=\"1\">x</a>')", 'dynamic({"a":{"@b":"1","#text":"x"}})'), ("parse_xml('<a><b>x</b><b>y</b></a>')", 'dynamic({"a":{"b":["x","y"]}})'), ("parse_xml('<a>')", "dynamic(null)")),
    function("parse_url(url: string) -> dynamic", "url_parts(url)", ("parse_url('https://tide.example:8080/a/b?x=1#f')", 'dynamic({"Scheme":"https","Host":"tide.example","Port":"8080","Path":"a/b","Username":"","Password":"","Query Parameters":{"x":"1"},"Fragment":"f"})'), aliases=("parseurl",)),
    function("parse_urlquery(query: string) -> dynamic", "url_query(query)", ("parse_urlquery('k=v&x=1')", 'dynamic({"Query Parameters":{"k":"v","x":"1"}})'), page="parse-url-query-function", aliases=("parseurlquery",)),
    function("parse_path(path: string) -> dynamic", "path_parts(path)", ("parse_path('/var/log/tide.txt')", 'dynamic({"Scheme":"","RootPath":"","DirectoryPath":"/var/log","DirectoryName":"log","Filename":"tide.txt","Extension":"txt","AlternateDataStreamName":""})')),
    function("parse_csv(text: string) -> dynamic", "csv_fields(text)", ("parse_csv('a,\"b,c\"')", 'dynamic(["a","b,c"])')),
    function("url_decode(text: string) -> string", "url_decoded(text)", ("url_decode('a%20b%2Fc')", "'a b/c'")),
    function("url_encode(text: string) -> string", "url_encoded(text)", ("url_encode('a b/c')", "'a+b%2fc'")),
    function("url_encode_component(text: string) -> string", "url_component(text)", ("url_encode_component('a b/c')", "'a%20b%2Fc'")),
    function("base64_decode_toarray(text: string) -> dynamic", "base64_numbers(text)", ("base64_decode_toarray('dGk=')", "dynamic([116,105])")),
    function("base64_encode_fromarray(numbers: dynamic) -> string", "or_empty(numbers_base64(numbers))", ("base64_encode_fromarray(dynamic([116, 105]))", "'dGk='")),
    function("base64_decode_toguid(text: string) -> guid", "base64_guid(text)", ("base64_decode_toguid('AQIDBAUGBwgJCgsMDQ4PEA==')", "guid(04030201-0605-0807-090a-0b0c0d0e0f10)")),
    function("base64_encode_fromguid(value: guid) -> string", "or_empty(guid_base64(value))", ("base64_encode_fromguid(guid(04030201-0605-0807-090a-0b0c0d0e0f10))", "'AQIDBAUGBwgJCgsMDQ4PEA=='")),
    function("zlib_decompress_from_base64_string(text: string) -> string", "zlib_text(text)", ("zlib_decompress_from_base64_string('eJwryUxJBQAEPAGn')", "'tide'"), page="zlib-base64-decompress-function"),
    function("gzip_decompress_from_base64_string(text: string) -> string", "gzip_text(text)", ("gzip_decompress_from_base64_string('H4sIAAAAAAACAyvJTEkFAAwjVr4EAAAA')", "'tide'"), page="gzip-base64-decompress-function"),
    function("unicode_codepoints_from_string(text: string) -> dynamic", "codepoints(text)", ("unicode_codepoints_from_string('té')", "dynamic([116,233])"), aliases=("to_utf8",)),
    function("replace_strings(text: string, lookups: dynamic, rewrites: dynamic) -> string", "or_empty(text_replace_each(text, lookups, rewrites))", ("replace_strings('ebb, flood', dynamic(['ebb', 'flood']), dynamic(['flood', 'tide']))", "'flood, tide'")),
    function("punycode_from_string(text: string) -> string", "punycode_of(text)", ("punycode_from_string('té')", "'t-bga'")),
    function("punycode_to_string(text: string) -> string", "text_of_punycode(text)", ("punycode_to_string('t-bga')", "'té'")),
    function("punycode_domain_from_string(text: string) -> string", "domain_of_punycode(text)", ("punycode_domain_from_string('xn--t-bga.org')", "'té.org'")),
    function("punycode_domain_to_string(text: string) -> string", "punycode_of_domain(text)", ("punycode_domain_to_string('té.org')", "'xn--t-bga.org'")),
)  # fmt: skip
