"""How rows of an analytics rule become alerts: takes its keys, gives entities and alert details."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from vedette.detections.analytics.schema import (
    GROUPINGS,
    IDENTIFIERS,
    MOST_DETAILS,
    MOST_ENTITIES,
    MOST_FIELDS,
    MOST_PLACEHOLDERS,
)
from vedette.detections.analytics.values import AnalyticsValues
from vedette.detections.model import Alert, Entity
from vedette.syntax import Span, did_you_mean
from vedette.syntax.yaml_nodes import YamlPart

_FORMATS = ("alertDisplayNameFormat", "alertDescriptionFormat")
_COLUMNS = ("alertTacticsColumnName", "alertSeverityColumnName")
_DYNAMIC = "alertDynamicProperties"


class AlertReader(AnalyticsValues):
    """Reads what a rule says of its alerts; ``columns`` are those of the result that it names."""

    def __init__(self, part: YamlPart) -> None:
        """Take the document that the nodes come from."""
        super().__init__(part)
        self.columns: list[tuple[str, Span]] = []

    def entities(self, node: yaml.Node | None) -> tuple[Entity, ...]:
        """The columns that name entities, in their order."""
        mappings = self.items(node) if node is not None else ()
        if node is not None and len(mappings) > MOST_ENTITIES:
            self.beyond(node, f"maps {len(mappings)} entities; the vendor takes {MOST_ENTITIES}")
        found: list[Entity] = []
        for mapping in mappings:
            keys = ("entityType", "fieldMappings")
            entries = self.known_entries(mapping, keys, "an entity mapping", keys)
            if len(entries) == len(keys):
                found += self._entity(entries["entityType"], entries["fieldMappings"])
        return tuple(found)

    def _entity(self, kind_node: yaml.Node, fields: yaml.Node) -> list[Entity]:
        kind = self.word(kind_node, {name: name for name in IDENTIFIERS})
        listed = self.items(fields)
        if not listed or len(listed) > MOST_FIELDS:
            self.beyond(fields, f"an entity has 1 to {MOST_FIELDS} field mappings")
        found: list[Entity] = []
        for item in listed:
            keys = ("identifier", "columnName")
            entries = self.known_entries(item, keys, "a field mapping", keys)
            column = self._column(entries.get("columnName"))
            node = entries.get("identifier")
            identifier = self._identifier(node, kind) if node is not None else None
            if column is not None and kind is not None:
                found.append(Entity(column, kind, identifier))
        named = {entity.identifier for entity in found}
        if kind is not None and found and not named & set(IDENTIFIERS[kind][0]):
            needed = " or ".join(IDENTIFIERS[kind][0])
            self.wrong(kind_node, f"the entity {kind} is not identified", f"map its {needed}")
        return found

    def _identifier(self, node: yaml.Node, kind: str | None) -> str | None:
        written = self.text(node)
        if written is None or kind is None:
            return written
        known = [name for names in IDENTIFIERS[kind] for name in names]
        if written not in known:
            hint = did_you_mean(written, known) or f"there are {', '.join(known)}"
            self.wrong(node, f"the entity {kind} has no identifier '{written}'", hint)
        return written

    def alert(self, entries: Mapping[str, yaml.Node]) -> Alert | None:
        """How alerts are named, what they tell, and of which rows they are made."""
        title = description = severity = tactics = None
        node = entries.get("alertDetailsOverride")
        if node is not None:
            keys = (*_FORMATS, *_COLUMNS, _DYNAMIC)
            inside = self.known_entries(node, keys, "alertDetailsOverride")
            title, description = (self._format(inside.get(key), key) for key in _FORMATS)
            tactics, severity = (self._column(inside.get(key)) for key in _COLUMNS)
            if _DYNAMIC in inside:
                span = self.span(inside[_DYNAMIC])
                self.idle(span, f"'{_DYNAMIC}' has no effect: findings have no such properties")
        details = self._details(entries.get("customDetails"))
        each = self._each_row(entries.get("eventGroupingSettings"))
        if not (title or description or severity or tactics or details or each):
            return None
        return Alert(title, description, severity, tactics, details, each)

    def _format(self, node: yaml.Node | None, key: str) -> str | None:
        if node is None:
            return None
        text, columns = self.format(node, key, MOST_PLACEHOLDERS)
        self.columns += [(column, self.span(node)) for column in columns]
        return text

    def _column(self, node: yaml.Node | None) -> str | None:
        name = self.text(node) if node is not None else None
        if node is not None and name is not None:
            self.columns.append((name, self.span(node)))
        return name

    def _details(self, node: yaml.Node | None) -> tuple[tuple[str, str], ...]:
        if node is None:
            return ()
        entries = self.free_entries(node, "customDetails")
        if len(entries) > MOST_DETAILS:
            self.beyond(node, f"customDetails may have {MOST_DETAILS} entries")
        columns = {name: self._column(value) for name, (_, value) in entries.items()}
        return tuple((name, column) for name, column in columns.items() if column is not None)

    def _each_row(self, node: yaml.Node | None) -> bool:
        if node is None:
            return False
        inside = self.known_entries(node, ("aggregationKind",), "eventGroupingSettings")
        kind = inside.get("aggregationKind")
        return bool(self.word(kind, GROUPINGS)) if kind is not None else False
