"""Running many detections over archived data: windows, findings and reports."""

from vedette.hunt.findings import Basis, Finding
from vedette.hunt.outcome import HuntReport, Run, TableData
from vedette.hunt.run import Progress, hunt

__all__ = ["Basis", "Finding", "HuntReport", "Progress", "Run", "TableData", "hunt"]
