"""``geo_info_from_ip_address``: asks a file that the workspace names where an address is.

Without one every address is as one that a file does not have: a named repair, and refused when
strict. The file is never named by a query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.kql.binding.applied import arguments, wrong_count
from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import plain
from vedette.kql.binding.text_tests import as_text
from vedette.kql.reading.syntax_tree import Call
from vedette.plan.build import apply
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import Type

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

_HINT = "name a MaxMind file: Workspace(geo=…), --geo, VEDETTE_GEO, or a folder's own geo.mmdb"


def place_of(binder: Binder, node: Call, context: Context) -> Expression:
    """Where an address is, as a bag; null where that is not known."""
    if len(node.arguments) != 1:
        raise wrong_count(binder, node, 1, 1)
    address = as_text(arguments(binder, node.arguments, context)[0])
    if address is None:
        message = "The expression must have the type string"
        raise binder.fail("KS141", "type", message, node.arguments[0].span)
    span = node.function.span
    try:
        file = binder.given.places()
    except ValueError as absent:
        raise binder.fail("VD002", "source", str(absent), span, hint=_HINT) from None
    if file is not None:
        return apply("place_of_address", Literal(file, Type.STRING), plain(address), span=node.span)
    if binder.findings.strict:
        message = "No file says where addresses are"
        raise binder.fail("VD002", "source", message, span, hint=_HINT)
    message = "no file says where addresses are, so no address has a country or a city (geo.mmdb)"
    binder.findings.repair("no-geo-data", message, span)
    return Literal(None, Type.DYNAMIC, node.span)
