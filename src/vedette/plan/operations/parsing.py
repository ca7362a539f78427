"""Texts taken apart by a pattern, or by what stands between keys and values."""

from vedette.plan.operations.base import Null, operation

OPERATIONS = (
    operation("text_captured(text: string, pattern: string, group: long, groups: long) -> string", "what a group of the RE2 pattern's first match holds, of so many groups; empty where there is none"),
    operation("text_pairs(text: string, keys: dynamic, pair_delimiter: string, kv_delimiter: string, quotes: dynamic, escapes: string, greedy: bool) -> dynamic", "the values of these keys, as a JSON array of texts with null for what is absent: a pair ends at its delimiter, a greedy value at the last delimiter before the next pair; quotes lists their one or two characters, escapes those that keep a quote's end from ending it"),
    operation("text_part(parts: dynamic, index: long) -> string", "the element at the index (from 0) of a JSON array of texts; empty where there is none", Null.NEVER),
    operation("text_paired(text: string, pattern: string, key: string) -> string", "what the second group of the RE2 pattern holds in the first match whose first group is the key, both without white space at the ends; empty where there is none"),
    operation("user_agent_parts(text: string, wanted: string) -> dynamic", "what a user agent tells of itself, as a bag of Browser, OperatingSystem and Device, those of them that are wanted (browser, os, device, with commas between)"),
    operation("xml_as_json(text: string) -> dynamic", "an XML text's root as a bag: attributes under @ and their names, text beside other things under #text, what comes again in an array, an empty element as null; null where it is no XML, longer than 1 MB or declares entities", Null.OWN),
    operation("leef_value(text: string, key: string) -> string", "the value of a key of the LEEF record in the text; null where there is none"),
    operation("cef_value(text: string, key: string) -> string", "the value of a key of the extension of the CEF record in the text; null where there is none"),
    operation("xml_value(text: string, path: string) -> string", "the text of the first element, or the value of the attribute, that a path such as /a/b[@n='v'] or /a/@n leads to in the XML in the text; null where it leads nowhere"),
    operation("url_parts(text: string) -> dynamic", "the parts of a URL in a bag: Scheme, Host, Port, Path without its first slash, Username, Password, Query Parameters (a bag), Fragment"),
    operation("url_query(text: string) -> dynamic", "a bag of Query Parameters, a bag of the URL query's parameters"),
    operation("path_parts(text: string) -> dynamic", "the parts of a file's path in a bag: Scheme, RootPath, DirectoryPath, DirectoryName, Filename, Extension, AlternateDataStreamName"),
    operation("command_words(text: string) -> dynamic", "the arguments of a Windows command line as CommandLineToArgvW divides them; null of an empty text", Null.OWN),
    operation("csv_fields(text: string) -> dynamic", "the fields of the text's first record of comma-separated values, an array of texts"),
)  # fmt: skip
