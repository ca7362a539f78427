"""Functions that a workspace knows beside its tables: takes files, gives functions by name.

``files`` reads management commands, bare bodies and parser files; ``library`` finds a function by
its name and reads its body once; ``shipped/`` holds those that every workspace has.
"""

from vedette.kql.saved.files import Unreadable, read_paths
from vedette.kql.saved.library import SavedFunctions
from vedette.kql.saved.model import SavedFunction

__all__ = ["SavedFunction", "SavedFunctions", "Unreadable", "read_paths"]
