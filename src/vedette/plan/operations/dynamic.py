"""Reading inside dynamic values: properties, elements, kinds.

A dynamic value is null or a JSON value. A JSON null at the top is null; inside arrays and bags it
stays what it is. Datetimes and timespans are kinds of their own.
"""

from vedette.plan.operations.base import Null, operation

OPERATIONS = (
    operation("value_at(value: dynamic, keys: string|long...) -> dynamic", "the value behind the keys, each inside the one before: a string names a property, case and all, a whole number counts elements from 0, from the end where negative; null where there is none"),
    operation("value_by(value: dynamic, key: dynamic) -> dynamic", "value_at with the string or whole number that the key holds; null for any other"),
    operation("read_json(text: string) -> dynamic", "the value that a JSON text says, a string of the text itself where it says none; null of an empty text"),
    operation("texts_inside(value: dynamic|string) -> string", "the texts of all values inside arrays and bags, one a line in their order, names and nulls left out; the value's own where it is neither; a string is read as JSON, and is itself where it is none", Null.OWN),
    operation("whole_of(value: dynamic) -> long", "as to_long; fails the run where the value is a number with a fraction", Null.OWN),
    operation("kind_of(value: any) -> string", "as Kusto's gettype: null of a null dynamic value, dictionary, array, double …; other types by their names", Null.NEVER),
    operation("sorted_json_of(value: dynamic) -> string", "the JSON text of the value, the properties of every bag in order of their names"),
    operation("text_is_element(text: string, list: dynamic) -> bool", "the text is that of an element of the array, or of the value where it is no array; nulls are no elements", Null.NEVER),
    operation("text_is_element_ignore_case(text: string, list: dynamic) -> bool", "text_is_element without case", Null.NEVER),
    operation("text_has_any_element(text: string, list: dynamic) -> bool", "text_has_term of the text of at least one element; an empty text has none", Null.NEVER),
    operation("text_has_which_element(text: string, list: dynamic) -> long", "the place, from 0, of the first element whose text is a term of the text; -1 where there is none", Null.NEVER),
    operation("text_has_every_element(text: string, list: dynamic) -> bool", "text_has_term of the texts of all elements, of which there is one; an empty text has none", Null.NEVER),
)  # fmt: skip
