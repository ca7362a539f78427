"""Whether an address lies in one of many networks: takes it and CIDR texts, gives a condition."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable

from vedette.plan.build import apply, boolean, every, text
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import Type
from vedette.syntax import NOWHERE, Span


def in_any_network(
    address: Expression, networks: Iterable[str], span: Span = NOWHERE
) -> Expression:
    """True where *address*, a text, lies in one of the IPv4 or IPv6 networks, else false.

    A network without prefix is one address; a text that is no network raises ValueError.
    """
    by_version: dict[int, list[str]] = {4: [], 6: []}
    for written in networks:
        network = ipaddress.ip_network(written.strip(), strict=False)
        by_version[network.version].append(str(network))
    conditions = []
    for version, listed in by_version.items():
        if listed:
            ranges = Literal(json.dumps(listed), Type.DYNAMIC, span)
            found = apply(f"ipv{version}_in_any", address, ranges, span=span)
            inside: Expression = apply("is_true", found, span=span)
            if version == 6:  # an IPv4 address is read as one of IPv6, too, and lies in none
                colon = apply("text_contains_cs", address, text(":", span), span=span)
                inside = every([colon, inside])
            conditions.append(inside)
    if len(conditions) < 2:
        return conditions[0] if conditions else boolean(False, span)
    return apply("or", *conditions, span=span)
