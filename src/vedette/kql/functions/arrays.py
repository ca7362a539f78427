"""Functions over arrays and bags. What gives several columns, or packs columns, is bound by hand."""

from vedette.plan.library import function

FUNCTIONS = (
    function("array_length(array: dynamic) -> long", "array_length(array)", ("array_length(dynamic([1, [2, 3]]))", "2"), ("array_length(dynamic({\"a\": 1}))", "long(null)"), aliases=("arraylength",)),
    function("array_concat(array: dynamic...) -> dynamic", "array_concat(array)", ("array_concat(dynamic([1]), dynamic({\"a\": 1}), dynamic([\"b\"]))", "dynamic([1, \"b\"])")),
    function("array_iff(condition: dynamic, when_true: any, when_false: any) -> dynamic", "array_choose(condition, to_dynamic(when_true), to_dynamic(when_false))", ("array_iff(dynamic([true, 0, \"x\"]), \"yes\", dynamic([1, 2, 3]))", "dynamic([\"yes\", 2, null])"), aliases=("array_iif",)),
    function("array_index_of(array: dynamic, value: any, start: long?, length: long?, occurrence: long?) -> long", "array_index_of(array, to_dynamic(value), start, length, occurrence)", ("array_index_of(dynamic([7, 8, 7]), 7, 1)", "2"), ("array_index_of(dynamic([7]), \"7\")", "-1"), start="0", length="-1", occurrence="1"),
    function("array_reverse(array: dynamic) -> dynamic", "array_reverse(array)", ("array_reverse(dynamic([1, 2]))", "dynamic([2, 1])")),
    function("array_rotate_left(array: dynamic, count: long) -> dynamic", "array_rotate(array, count)", ("array_rotate_left(dynamic([1, 2, 3]), 4)", "dynamic([2, 3, 1])")),
    function("array_rotate_right(array: dynamic, count: long) -> dynamic", "array_rotate(array, negate(count))", ("array_rotate_right(dynamic([1, 2, 3]), 1)", "dynamic([3, 1, 2])")),
    function("array_shift_left(array: dynamic, count: long, filler: any?) -> dynamic", "array_shift(array, count, to_dynamic(filler))", ("array_shift_left(dynamic([1, 2]), 1)", "dynamic([2, null])"), filler="null_dynamic"),
    function("array_shift_right(array: dynamic, count: long, filler: any?) -> dynamic", "array_shift(array, negate(count), to_dynamic(filler))", ("array_shift_right(dynamic([1, 2]), 1, 0)", "dynamic([0, 1])"), filler="null_dynamic"),
    function("array_slice(array: dynamic, start: long, end: long) -> dynamic", "array_slice(array, start, end)", ("array_slice(dynamic([1, 2, 3]), 1, -1)", "dynamic([2, 3])")),
    function("array_split(array: dynamic, index: long|dynamic) -> dynamic", "array_split(array, to_dynamic(index))", ("array_split(dynamic([1, 2, 3]), -1)", "dynamic([[1, 2], [3]])")),
    function("array_sum(array: dynamic) -> real", "array_sum(array)", ("array_sum(dynamic([1, null, 0.5]))", "1.5"), ("array_sum(dynamic([\"1\"]))", "real(null)")),
    function("strcat_array(array: dynamic, delimiter: any) -> string", "array_join(array, text_of(delimiter))", ("strcat_array(dynamic([1, null, \"b\"]), \"-\")", "\"1--b\""), aliases=("array_strcat",)),
    function("zip(array: dynamic, other: dynamic...) -> dynamic", "array_zip(array, other)", ("zip(dynamic([1, 2]), dynamic([\"a\"]))", "dynamic([[1, \"a\"], [2, null]])")),
    function("repeat(value: any, count: long) -> dynamic", "array_repeat(to_dynamic(value), count)", ("repeat(\"a\", 2)", "dynamic([\"a\", \"a\"])"), ("repeat(1, -1)", "dynamic(null)")),
    function("set_union(set: dynamic, other: dynamic...) -> dynamic", "set_union(set, other)", ("set_union(dynamic([1, 2, 1]), dynamic([3]))", "dynamic([1, 2, 3])")),
    function("set_intersect(set: dynamic, other: dynamic...) -> dynamic", "set_intersect(set, other)", ("set_intersect(dynamic([1, 2, 1]), dynamic([1]))", "dynamic([1])")),
    function("set_difference(set: dynamic, other: dynamic...) -> dynamic", "set_difference(set, other)", ("set_difference(dynamic([1, 2, 2, 3]), dynamic([3]))", "dynamic([1, 2])")),
    function("set_equals(left: dynamic, right: dynamic) -> bool", "set_equals(left, right)", ("set_equals(dynamic([1, 2]), dynamic([2, 1, 1]))", "true")),
    function("set_has_element(set: dynamic, value: any) -> bool", "set_has(set, to_dynamic(value))", ("set_has_element(dynamic([1, \"2\"]), 2)", "false")),
    function("jaccard_index(left: dynamic, right: dynamic) -> real", "jaccard_index(left, right)", ("jaccard_index(dynamic([1, 1]), dynamic([1, 2]))", "0.5")),
    function("bag_keys(bag: dynamic) -> dynamic", "bag_keys(bag)", ("bag_keys(dynamic({\"b\": {\"c\": 1}, \"a\": 2}))", "dynamic([\"b\", \"a\"])")),
    function("bag_has_key(bag: dynamic, key: string) -> bool", "bag_has_key(bag, key)", ("bag_has_key(dynamic({\"a\": {\"b\": 1}}), \"$.a.b\")", "true")),
    function("bag_merge(bag: dynamic, other_bag: dynamic...) -> dynamic", "bag_merge(bag, other_bag)", ("bag_merge(dynamic({\"a\": 1}), dynamic({\"a\": 2, \"b\": 3}))", "dynamic({\"a\": 1, \"b\": 3})")),
    function("bag_remove_keys(bag: dynamic, keys: dynamic) -> dynamic", "bag_remove_keys(bag, keys)", ("bag_remove_keys(dynamic({\"a\": 1, \"b\": {\"c\": 2, \"d\": 3}}), dynamic([\"a\", \"$.b.c\"]))", "dynamic({\"b\": {\"d\": 3}})")),
    function("bag_set_key(bag: dynamic, key: string, value: any) -> dynamic", "bag_set_key(bag, key, to_dynamic(value))", ("bag_set_key(dynamic({\"a\": 1}), \"$.b.c\", \"x\")", "dynamic({\"a\": 1, \"b\": {\"c\": \"x\"}})")),
    function("bag_zip(keys: dynamic, elements: dynamic) -> dynamic", "bag_zip(keys, elements)", ("bag_zip(dynamic([\"a\", 1, \"b\"]), dynamic([7]))", "dynamic({\"a\": 7, \"b\": null})"), page="bag-zip"),
    function("treepath(bag: dynamic) -> dynamic", "bag_paths(bag)", ("treepath(dynamic({\"a\": [1, {\"b\": 2}]}))", "dynamic([\"['a']\", \"['a'][0]\", \"['a'][0]['b']\"])")),
)  # fmt: skip
