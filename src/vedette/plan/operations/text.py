"""Text: Unicode strings, compared by code point unless an operation folds case.

A term is a run of letters and digits (Unicode L and N); every other character delimits, underscore
included. A needle's end needs a boundary only where the needle's own character there is a letter or
digit (measured on Kusto).
"""

from vedette.plan.operations.base import operation

OPERATIONS = (
    operation("text_equals_ignore_case(left: string, right: string) -> bool", "equality without case"),
    operation("text_is_in_ignore_case(text: string, items: string...) -> bool", "equal to one of the items without case"),
    operation("text_contains(text: string, needle: string) -> bool", "the needle stands in the text, without case"),
    operation("text_contains_cs(text: string, needle: string) -> bool", "the needle stands in the text"),
    operation("text_starts_with(text: string, needle: string) -> bool", "the text begins with the needle, without case"),
    operation("text_starts_with_cs(text: string, needle: string) -> bool", "the text begins with the needle"),
    operation("text_ends_with(text: string, needle: string) -> bool", "the text ends with the needle, without case"),
    operation("text_ends_with_cs(text: string, needle: string) -> bool", "the text ends with the needle"),
    operation("text_has_term(text: string, needle: string) -> bool", "the needle stands in the text between term boundaries, without case"),
    operation("text_has_term_cs(text: string, needle: string) -> bool", "the needle stands in the text between term boundaries"),
    operation("text_has_prefix(text: string, needle: string) -> bool", "the needle begins a term of the text, without case"),
    operation("text_has_prefix_cs(text: string, needle: string) -> bool", "the needle begins a term of the text"),
    operation("text_has_suffix(text: string, needle: string) -> bool", "the needle ends a term of the text, without case"),
    operation("text_has_suffix_cs(text: string, needle: string) -> bool", "the needle ends a term of the text"),
    operation("text_has_any_term(text: string, needles: string...*) -> bool", "text_has_term of at least one needle; a null needle is in any text, an empty text has none"),
    operation("text_has_all_terms(text: string, needles: string...*) -> bool", "text_has_term of every needle; a null needle is in any text, an empty text has none"),
    operation("text_like(text: string, pattern: string) -> bool", "SQL's LIKE: % any run, _ any one character, no escape"),
    operation("text_like_ignore_case(text: string, pattern: string) -> bool", "LIKE without case"),
    operation("text_matches(text: string, pattern: string) -> bool", "the RE2 pattern is found in the text"),
    operation("text_matches_whole(text: string, pattern: string) -> bool", "the RE2 pattern takes the whole text"),
    operation("text_is_empty(text: string) -> bool", "the text has no character"),
    operation("text_length(text: string) -> long", "how many Unicode code points"),
    operation("text_lower(text: string) -> string", "in lower case"),
    operation("text_upper(text: string) -> string", "in upper case"),
    operation("text_concat(parts: string...) -> string", "the parts one behind the other"),
    operation("text_slice(text: string, start: long, length: long) -> string", "length characters from start (counted from 0)"),
    operation("text_position(text: string, needle: string) -> long", "where the needle first stands, from 0; -1 where it does not"),
    operation("text_replace(text: string, old: string, new: string) -> string", "every old replaced by new"),
    operation("text_trim(text: string) -> string", "without white space at both ends"),
    operation("text_encode_utf8(text: string) -> binary", "the text's bytes in UTF-8"),
    operation("text_sort_key(text: string, language: string) -> string", "a text whose order by code point is that of the text in the language (a BCP 47 tag)"),
    operation("text_checksum(text: string) -> long", "a whole number from 0 to 4294967295 that stands for the text: the first 32 bits of its MD5"),
    operation("text_encode_base64(bytes: binary) -> string", "the bytes in Base64"),
    operation("text_decode_utf8(bytes: binary) -> string", "the bytes read as UTF-8; null where they are not"),
    operation("text_extract(text: string, pattern: string, group: long) -> string", "what a group of the RE2 pattern's first match holds, 0 for the whole; empty where there is none"),
    operation("text_replace_pattern(text: string, pattern: string, rewrite: string) -> string", "every match of the RE2 pattern replaced, \\1 in the rewrite is what its first group holds"),
    operation("text_count(text: string, needle: string) -> long", "at how many places the needle stands, overlapping ones too; null where the needle is empty"),
    operation("text_count_pattern(text: string, pattern: string) -> long", "how many matches of the RE2 pattern, none overlapping"),
    operation("text_translate(text: string, old: string, new: string) -> string", "each character of old replaced by the one at its place in new, left out where there is none"),
    operation("text_reverse(text: string) -> string", "the code points in reverse order"),
    operation("text_repeat(text: string, times: long) -> string", "the text so many times"),
    operation("text_size(text: string) -> long", "how many bytes in UTF-8"),
    operation("text_is_ascii(text: string) -> bool", "every character is below U+0080"),
    operation("text_md5(text: string) -> string", "the MD5 of the text's bytes, in small hexadecimal digits"),
    operation("text_sha1(text: string) -> string", "the SHA-1 of the text's bytes, in small hexadecimal digits"),
    operation("text_sha256(text: string) -> string", "the SHA-256 of the text's bytes, in small hexadecimal digits"),
    operation("text_decode_base64(text: string) -> binary", "the bytes that Base64 says; null where the text is not Base64"),
)  # fmt: skip
