"""Reading inside dynamic values: properties, elements, kinds.

A dynamic value is null or a JSON value. A JSON null at the top is null; inside arrays and bags it
stays what it is. Datetimes and timespans are kinds of their own.
"""

from vedette.plan.operations.base import Null, operation

OPERATIONS = (
    operation("value_at(value: dynamic, keys: string|long...) -> dynamic", "the value behind the keys, each inside the one before: a string names a property, case and all, a whole number counts elements from 0, from the end where negative; null where there is none"),
    operation("value_by(value: dynamic, key: dynamic) -> dynamic", "value_at with the string or whole number that the key holds; null for any other"),
    operation("read_json(text: string) -> dynamic", "the value that a JSON text says, a string of the text itself where it says none; null of an empty text"),
    operation("kind_of(value: any) -> string", "as Kusto's gettype: null of a null dynamic value, dictionary, array, double …; other types by their names", Null.NEVER),
    operation("sorted_json_of(value: dynamic) -> string", "the JSON text of the value, the properties of every bag in order of their names"),
)  # fmt: skip
