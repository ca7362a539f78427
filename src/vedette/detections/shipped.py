"""Where the detections that come with Vedette lie: in the wheel, or in a source checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped_content() -> Path:
    """Return the folder of the shipped detections, one folder a detection, grouped by tactic.

    Raises ``FileNotFoundError`` where the installation has lost it.
    """
    checkout = _PACKAGE.parent.parent
    packed = _PACKAGE / "content"
    if packed.is_dir():
        return packed
    if (checkout / "pyproject.toml").is_file() and (checkout / "content").is_dir():
        return checkout / "content"
    raise FileNotFoundError(
        f"the shipped detections are missing from {packed}: install vedette again"
    )
