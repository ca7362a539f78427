"""Text in DuckDB's SQL; what compares without case compares ``lower`` of both (see ``terms``)."""

from __future__ import annotations

from vedette.engines.duckdb.lowering.terms import fold
from vedette.engines.duckdb.writing import text_literal
from vedette.engines.sql import Call, Lowering
from vedette.plan.expressions import Apply

SPACES = "".join(
    chr(c) for c in (*range(9, 14), 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
)  # fmt: skip
_FAR = 2**31


def _folded(call: Call, index: int) -> str:
    known = call.constant_text(index)
    if known is not None:
        return text_literal(fold(known))
    return f"lower({call.arguments[index]})"


def _without_case(template: str) -> Lowering:
    return lambda call: template.format(*(_folded(call, i) for i in range(len(call.arguments))))


def _as_like(pattern: str) -> str:
    """A pattern of ``*``, ``?`` and backslashes as LIKE's, whose escape is a backslash."""
    written: list[str] = []
    place = 0
    while place < len(pattern):
        character = pattern[place]
        if character == "\\" and pattern[place + 1 : place + 2] in ("*", "?", "\\"):
            place += 1
            character = pattern[place]
            written.append("\\\\" if character == "\\" else character)
        elif character in "*?":
            written.append("%" if character == "*" else "_")
        else:
            written.append("\\" + character if character in "%_\\" else character)
        place += 1
    return "".join(written)


def _is_like(cased: bool) -> Lowering:
    def row(call: Call) -> str:
        pattern = call.constant_text(1)
        if pattern is None:
            raise call.refuse("the engine takes a constant pattern")
        text = call.arguments[0] if cased else f"lower({call.arguments[0]})"
        wanted = _as_like(pattern if cased else fold(pattern))
        escape = " ESCAPE '\\'" if "\\" in wanted else ""
        return f"({text} LIKE {text_literal(wanted)}{escape})"

    return row


def _is_in_ignore_case(call: Call) -> str:
    items = [_folded(call, i) for i in range(1, len(call.arguments))]
    return f"(lower({call.arguments[0]}) IN ({', '.join(items)}))"


def _slice(call: Call) -> str:
    """DuckDB counts from 1, from the end where negative, and refuses 2^32 and more."""
    text, start, length = call.arguments
    first, most = call.constant(1), call.constant(2)
    begin = f"least(greatest({start}, 0), {_FAR}) + 1"
    count = f"least(greatest({length}, 0), {_FAR})"
    if isinstance(first, int):
        begin = str(min(max(first, 0), _FAR) + 1)
    if isinstance(most, int):
        count = str(min(max(most, 0), _FAR))
    return f"substring({text}, {begin}, {count})"


def _decode(call: Call) -> str:
    node = call.nodes[0]
    if isinstance(node, Apply) and node.operation == "text_encode_utf8":
        return call.arguments[0].removeprefix("encode(").removesuffix(")")
    return f"TRY(decode({call.arguments[0]}))"


def _count(call: Call) -> str:
    needle = call.constant_text(1)
    if needle and not any(needle.startswith(needle[i:]) for i in range(1, len(needle))):
        text, found = call.arguments
        return f"((length({text}) - length(replace({text}, {found}, ''))) // {len(needle)})"
    return f"text_count({call.arguments[0]}, {call.arguments[1]})"


def _extract(call: Call) -> str:
    group = call.constant(2)
    if not isinstance(group, int) or not 0 <= group <= 9:
        raise call.refuse("the engine takes a constant group from 0 to 9")
    return f"regexp_extract({call.arguments[0]}, {call.arguments[1]}, {group})"


def _known_words(call: Call) -> str:
    """Only letters, marks and digits beyond ASCII tell Kusto's boundaries from RE2's."""
    text = call.arguments[0]
    message = (
        "a regular expression looks for word boundaries in a text with letters beyond ASCII,"
        " which the engine cannot see; look for characters that are no letters instead"
    )
    far = rf"regexp_matches(regexp_replace({text}, '[\x00-\x7F]+', '', 'g'), {_FAR_WORDS})"
    return (
        f"CASE WHEN strlen({text}) <> length({text}) AND {far}"
        f" THEN error({text_literal(message)}) ELSE {text} END"
    )


_FAR_WORDS = text_literal(
    r"[\p{L}\p{M}\p{N}\p{Pc}\x{24B6}-\x{24E9}\x{1F130}-\x{1F189}\x{200C}\x{200D}]"
)


def _extract_all(call: Call) -> str:
    """Each group in a list of its own, then the lists side by side."""
    text, pattern = call.arguments[:2]
    groups = [call.constant(i) for i in range(2, len(call.arguments))]
    if not all(isinstance(g, int) and 0 <= g <= 9 for g in groups):
        raise call.refuse("the engine takes constant groups from 0 to 9")
    lists = [f"regexp_extract_all({text}, {pattern}, {group})" for group in groups]
    found = f"list_transform({lists[0]}, lambda p: coalesce(p, ''))"  # an optional group's is null
    if len(lists) > 1:
        parts = ", ".join(f"coalesce(p[{i + 1}], '')" for i in range(len(lists)))
        found = f"list_transform(list_zip({', '.join(lists)}), lambda p: [{parts}])"
    return f"nullif(CAST(to_json({found}) AS VARCHAR), '[]')"


def _sort_key(call: Call) -> str:
    language = call.constant_text(1)
    if language is None:
        raise call.refuse("the language must be written in the query")
    return f"icu_sort_key({call.arguments[0]}, {text_literal(language)})"


ROWS: dict[str, Lowering] = {
    "text_equals_ignore_case": _without_case("({0} = {1})"),
    "text_is_in_ignore_case": _is_in_ignore_case,
    "text_contains": _without_case("contains({0}, {1})"),
    "text_contains_cs": "contains({0}, {1})",
    "text_starts_with": _without_case("starts_with({0}, {1})"),
    "text_starts_with_cs": "starts_with({0}, {1})",
    "text_ends_with": _without_case("ends_with({0}, {1})"),
    "text_ends_with_cs": "ends_with({0}, {1})",
    "text_like": "({0} LIKE {1})",
    "text_like_ignore_case": _without_case("({0} LIKE {1})"),
    "text_is_like": _is_like(cased=False),
    "text_is_like_cs": _is_like(cased=True),
    "text_matches": "regexp_matches({0}, {1})",
    "text_matches_whole": "regexp_full_match({0}, {1})",
    "text_is_empty": "({0} = '')",
    "text_length": "length({0})",
    "text_lower": "lower({0})",
    "text_upper": "upper({0})",
    "text_of_parts": lambda call: f"concat_ws(chr(31), {', '.join(call.arguments)})",
    "text_concat": lambda call: "(" + " || ".join(call.arguments) + ")",
    "text_slice": _slice,
    "text_position": "(strpos({0}, {1}) - 1)",
    "text_replace": "replace({0}, {1}, {2})",
    "text_trim": lambda call: f"trim({call.arguments[0]}, {text_literal(SPACES)})",
    "text_encode_utf8": "encode({0})",
    "text_encode_base64": "to_base64({0})",
    "text_decode_utf8": _decode,
    "text_sort_key": _sort_key,
    "text_checksum": "CAST('0x' || md5({0})[:8] AS BIGINT)",
    "text_extract": _extract,
    "text_replace_pattern": "regexp_replace({0}, {1}, {2}, 'g')",
    "text_replace_first": "regexp_replace({0}, {1}, {2})",
    "text_count": _count,
    "text_count_pattern": "len(regexp_extract_all({0}, {1}))",
    "text_translate": "translate({0}, {1}, {2})",
    # reverse() keeps combining marks behind their letters.
    "text_reverse": "array_to_string(list_reverse(string_split({0}, '')), '')",
    "text_repeat": "repeat({0}, {1})",
    "text_size": "strlen({0})",
    "text_is_ascii": "(strlen({0}) = length({0}))",
    "text_md5": "md5({0})",
    "text_sha1": "sha1({0})",
    "text_sha256": "sha256({0})",
    "url_decoded": "py_url_decoded({0})",
    "url_encoded": "py_url_encoded({0})",
    "url_component": "py_url_component({0})",
    "base64_numbers": "py_base64_numbers({0})",
    "numbers_base64": "py_numbers_base64({0})",
    "zlib_text": "py_zlib_text({0})",
    "gzip_text": "py_gzip_text({0})",
    "codepoints": "py_codepoints({0})",
    "punycode_of": "py_punycode_of({0})",
    "text_of_punycode": "py_text_of_punycode({0})",
    "domain_of_punycode": "py_domain_of_punycode({0})",
    "punycode_of_domain": "py_punycode_of_domain({0})",
    "base64_guid": "CAST(py_base64_guid({0}) AS UUID)",
    "guid_base64": "py_guid_base64(CAST({0} AS VARCHAR))",
    "text_of_codepoints": lambda call: f"py_text_of_codepoints([{', '.join(call.arguments)}])",
    "text_replace_each": "py_replaced({0}, {1}, {2})",
    "text_hash": "py_hash_of_text({0})",
    "remainder_of_hash": "py_remainder_of_hash({0}, {1})",
    "time_hash": "py_hash_of_ticks({0})",
    "new_guid": "uuid()",
    "text_of_known_words": _known_words,
    "text_extract_all": _extract_all,
    "text_position_of_pattern": (
        "CASE WHEN regexp_matches({0}, {1})"
        " THEN length(regexp_extract({0}, '(?s)\\A(.*?)(?-s:' || {1} || ')', 1)) ELSE -1 END"
    ),
    "text_decode_base64": "TRY(from_base64({0}))",
}
