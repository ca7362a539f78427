"""The laboratory: tests a detection against its own claims.

Takes detections with their tests and quiet cases, gives proofs: which query fires on what. Says why
a query is silent, where two versions differ, and carries tests out to see what they leave behind.
"""

from vedette.lab.compare import Comparison, Version, compare, versions
from vedette.lab.emulated import Emulated, emulate_all
from vedette.lab.emulation import tests_of
from vedette.lab.prove import Case, Cell, Proof, prove
from vedette.lab.why import Explanation, why

__all__ = [
    "Case",
    "Cell",
    "Comparison",
    "Emulated",
    "Explanation",
    "Proof",
    "Version",
    "compare",
    "emulate_all",
    "prove",
    "tests_of",
    "versions",
    "why",
]
