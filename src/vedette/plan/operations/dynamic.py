"""Reading inside dynamic values: properties, elements, kinds.

A dynamic value is null or a JSON value. A JSON null at the top is null; inside arrays and bags it
stays what it is. Datetimes and timespans are kinds of their own.
"""

from vedette.plan.operations.base import operation

OPERATIONS = (
    operation("value_at(value: dynamic, keys: string|long...) -> dynamic", "the value behind the keys, each inside the one before: a string names a property, case and all, a whole number counts elements from 0, from the end where negative; null where there is none"),
    operation("value_by(value: dynamic, key: dynamic) -> dynamic", "value_at with the string or whole number that the key holds; null for any other"),
)  # fmt: skip
