"""What an ingest tells: records read, stored, set aside and skipped, of each file and of all."""

from __future__ import annotations

from dataclasses import dataclass, field

REASONS_KEPT = 5


@dataclass(slots=True)
class FileReport:
    """One file or archive member: ``read`` records are stored, quarantined or skipped.

    ``skipped`` counts records that were there already; ``format`` is empty for a file that no
    reader took, and ``reasons`` says why.
    """

    path: str
    format: str = ""
    read: int = 0
    stored: int = 0
    quarantined: int = 0
    skipped: int = 0
    reasons: list[str] = field(default_factory=list)

    def because(self, reason: str) -> None:
        """Keep a reason, the first few of them."""
        if len(self.reasons) < REASONS_KEPT and reason not in self.reasons:
            self.reasons.append(reason)


@dataclass(slots=True)
class IngestReport:
    """What one ingest did: ``read`` = ``stored`` + ``quarantined`` + ``skipped`` records."""

    files: list[FileReport] = field(default_factory=list)
    dropped: int = 0
    """How many rows the retention settings did not keep, these or older ones."""

    @property
    def read(self) -> int:
        """How many records were met."""
        return sum(f.read for f in self.files)

    @property
    def stored(self) -> int:
        """How many were stored."""
        return sum(f.stored for f in self.files)

    @property
    def quarantined(self) -> int:
        """How many pieces could not be read."""
        return sum(f.quarantined for f in self.files)

    @property
    def skipped(self) -> int:
        """How many were there already."""
        return sum(f.skipped for f in self.files)

    @property
    def skipped_files(self) -> int:
        """How many files no reader took."""
        return sum(not f.format and not f.quarantined for f in self.files)
