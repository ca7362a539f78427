"""Operations over arrays and bags inside dynamic values.

What is no array (or bag, where one is asked for) counts as absent; positions count from 0.
"""

from vedette.plan.operations.base import Null, operation

OPERATIONS = (
    operation("array_length(array: dynamic) -> long", "how many elements; null of what is no array"),
    operation("array_of(value: any...) -> dynamic", "an array of the values, null where one is null", Null.NEVER),
    operation("array_concat(array: dynamic...) -> dynamic", "the elements of all, in order; what is no array adds none", Null.NEVER),
    operation("array_choose(condition: dynamic, when_true: dynamic, when_false: dynamic) -> dynamic", "as Kusto's array_iff", Null.OWN),
    operation("array_index_of(array: dynamic, value: dynamic, start: long, most: long, occurrence: long) -> long", "as Kusto's array_index_of; -1 where it is not found", Null.OWN),
    operation("array_reverse(array: dynamic) -> dynamic", "the elements from the last to the first"),
    operation("array_rotate(array: dynamic, count: long) -> dynamic", "the elements moved that many places to the left, around the end"),
    operation("array_shift(array: dynamic, count: long, filler: dynamic) -> dynamic", "the elements moved that many places to the left, fillers where they leave; an absent filler is empty text among texts, else null", Null.OWN),
    operation("array_slice(array: dynamic, start: long, end: long) -> dynamic", "elements from *start* to *end*, both included; negative ones count from the end"),
    operation("array_split(array: dynamic, places: dynamic) -> dynamic", "the array cut before a place, or before each of an array of places"),
    operation("array_sum(array: dynamic) -> real", "sum of numbers, nulls left out; null where an element is neither"),
    operation("array_sorted_by(array: dynamic, keys: dynamic, descending: bool, nulls_last: bool) -> dynamic", "the elements in the order that sorts *keys*; null where lengths differ"),
    operation("array_join(array: dynamic, delimiter: string) -> string", "the elements' texts joined, null as empty; empty of what is no array", Null.OWN),
    operation("array_zip(array: dynamic...) -> dynamic", "an array of the elements at each place, null where an array is shorter", Null.NEVER),
    operation("array_repeat(value: dynamic, count: long) -> dynamic", "an array of the value so many times; null of a negative count", Null.OWN),
    operation("text_split(text: string, delimiter: string) -> dynamic", "the parts between delimiters as an array"),
    operation("text_split_part(text: string, delimiter: string, index: long) -> dynamic", "an array of the part at a place; null where there is none"),
    operation("range_of_longs(start: long, stop: long, step: long) -> dynamic", "the numbers from *start* to *stop* as an array, at most 2^20; null of step 0"),
    operation("range_of_reals(start: real, stop: real, step: real) -> dynamic", "the numbers from *start* to *stop* as an array, at most 2^20; null of step 0"),
    operation("range_of_times(start: datetime, stop: datetime, step: timespan) -> dynamic", "the moments from *start* to *stop* as an array, at most 2^20; null of step 0"),
    operation("range_of_spans(start: timespan, stop: timespan, step: timespan) -> dynamic", "the spans from *start* to *stop* as an array, at most 2^20; null of step 0"),
    operation("set_union(set: dynamic...) -> dynamic", "each element of any once, in order of appearance", Null.NEVER),
    operation("set_intersect(set: dynamic...) -> dynamic", "each element that all have, once", Null.OWN),
    operation("set_difference(set: dynamic...) -> dynamic", "each element of the first that no other has, once", Null.OWN),
    operation("set_equals(left: dynamic, right: dynamic) -> bool", "whether both have the same elements"),
    operation("set_has(set: dynamic, value: dynamic) -> bool", "whether the value is an element; null of what is no array", Null.OWN),
    operation("jaccard_index(left: dynamic, right: dynamic) -> real", "shared elements by elements of either; NaN of two empty ones"),
    operation("bag_of(pair: any...) -> dynamic", "a bag of keys and values by turns; the first of a key counts", Null.NEVER),
    operation("bag_of_filled(pair: any...) -> dynamic", "a bag of keys and values by turns, without nulls and empty texts", Null.NEVER),
    operation("bag_keys(bag: dynamic) -> dynamic", "the keys of the outermost bag as an array"),
    operation("bag_has_key(bag: dynamic, key: string) -> bool", "whether a key is there, or a path that begins with $"),
    operation("bag_merge(bag: dynamic...) -> dynamic", "the pairs of all; the first of a key counts", Null.OWN),
    operation("bag_remove_keys(bag: dynamic, keys: dynamic) -> dynamic", "without some keys, or paths that begin with $", Null.OWN),
    operation("bag_set_key(bag: dynamic, key: string, value: dynamic) -> dynamic", "with a value at a key, or at a path that begins with $", Null.OWN),
    operation("bag_zip(keys: dynamic, elements: dynamic) -> dynamic", "a bag of texts and the elements at their places", Null.OWN),
    operation("bag_pairs(bag: dynamic, without: dynamic) -> string", "the outermost bag's pairs but those of some keys, as key=value with semicolons between; null where none is left"),
    operation("bag_paths(bag: dynamic) -> dynamic", "as Kusto's treepath"),
)  # fmt: skip
