"""The laboratory: tests a detection against its own claims.

Takes detections with their tests and quiet cases, gives proofs: which query fires on what.
"""

from vedette.lab.prove import Case, Cell, Proof, prove

__all__ = ["Case", "Cell", "Proof", "prove"]
