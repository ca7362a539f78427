"""What queries may count on beside a workspace's tables: saved functions, watchlists, places, and
for Sigma's rules values of placeholders and pipelines.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vedette.aql.properties import Mappings
    from vedette.kql.binding.beside.given import Watchlist
    from vedette.kql.saved import SavedFunctions
    from vedette.sigma.reading.beside import Beside as BesideRules
    from vedette.sigma.reading.beside import StandingFilters, Value
    from vedette.sigma.reading.pipelines import Pipelines
    from vedette.workspace.cache import Compilations
    from vedette.workspace.watchlists import Entry as WatchlistEntry
    from vedette.workspace.watchlists import Watchlists

PLACES_VARIABLE = "VEDETTE_GEO"
"""Names the file that says where addresses are, where nobody else does."""


class Beside:
    """The saved functions, watchlists and places of a workspace's folder and of who opened it.

    *functions* are files and folders of saved functions, *geo* a MaxMind file; a folder's own are
    in its ``functions`` and ``geo.mmdb``.
    """

    def __init__(
        self, folder: Path | None, functions: Iterable[str | Path], geo: str | Path | None
    ) -> None:
        """Note where things are; they are read when a query asks for them."""
        self._folder = folder
        self._paths = [Path(p) for p in functions]
        self._functions: SavedFunctions | None = None
        self._watchlists: Watchlists | None = None
        self._geo = Path(geo) if geo is not None else None
        self._values: dict[str, tuple[Value, ...]] = {}
        self._pipeline_files: list[Path] = []
        self._pipelines: Pipelines | None = None
        self._mapped: tuple[tuple[object, ...], Mappings] | None = None

    def add_functions(self, paths: Iterable[str | Path]) -> None:
        """Read the functions of further files and folders, which go before those read so far."""
        self._paths += [Path(p) for p in paths]
        self._functions = None

    def use_places(self, file: str | Path) -> None:
        """Look addresses up in this file from now on."""
        self._geo = Path(file)

    def add_placeholders(self, values: Mapping[str, Any] | str | Path) -> None:
        """Know the values of placeholders, of a mapping or a file; raises ValueError."""
        from vedette.sigma.reading.beside import all_values, values_of

        if isinstance(values, Mapping):
            self._values |= {str(name): values_of(str(name), v) for name, v in values.items()}
        else:
            self._values |= all_values([Path(values)])

    def add_pipelines(self, paths: Iterable[str | Path]) -> None:
        """Let rules go through the pipelines of these files, too; raises ValueError."""
        from vedette.sigma.reading.beside import read_file
        from vedette.sigma.reading.pipelines import Pipelines, files_of

        files = [*self._pipeline_files, *(file for p in paths for file in files_of(Path(p)))]
        self._pipelines = Pipelines([read_file(file) for file in files])
        self._pipeline_files = files

    def mappings(self, own: Mappings | None) -> Mappings:
        """What AQL's names stand for, with sets of known crawlers where *own* has none."""
        from vedette.aql.properties import Mappings
        from vedette.workspace.known_good import CRAWLERS, NAMES, forms

        lists = own, self.watchlists.find(CRAWLERS), self.watchlists.find(NAMES)
        if self._mapped is not None and [*map(id, lists)] == [*map(id, self._mapped[0])]:
            return self._mapped[1]
        given = own or Mappings()
        data = given.reference
        if CRAWLERS not in data.sets and CRAWLERS not in data.network_sets:
            networks = {**data.network_sets, CRAWLERS: forms.network_set(self.watchlists.find)}
            data = replace(data, network_sets=networks)
        if NAMES not in data.sets:
            data = replace(data, sets={**data.sets, NAMES: forms.name_set(self.watchlists.find)})
        self._mapped = (lists, replace(given, reference=data))
        return self._mapped[1]

    def for_rules(self, parameters: Mapping[str, Any] | None) -> BesideRules:
        """What Sigma's rules may count on; raises ValueError for values that are none."""
        from vedette.sigma.reading.beside import Beside as BesideRules
        from vedette.sigma.reading.beside import values_of

        given = {name: values_of(name, value) for name, value in (parameters or {}).items()}
        return BesideRules(self._values | given, self._pipelines, self._standing_filters())

    @property
    def changes_rules(self) -> bool:
        """Whether values of placeholders or pipelines make more of Sigma's rules than they say."""
        return bool(self._values) or self._pipelines is not None

    def _standing_filters(self) -> StandingFilters:
        from vedette.sigma.reading.beside import StandingFilters
        from vedette.workspace.known_good import RULES

        def text() -> str:
            from vedette.workspace.known_good import forms

            return forms.filters(self.watchlists.find)

        return StandingFilters(RULES, text)

    @property
    def functions(self) -> SavedFunctions:
        """The saved functions; raises ValueError where a file of them cannot be read."""
        from vedette.kql.saved import SavedFunctions, read_paths

        if self._functions is None:
            own = self._folder / "functions" if self._folder is not None else None
            folders = [own] if own is not None and own.is_dir() else []
            self._functions = SavedFunctions(read_paths([*folders, *self._paths]))
        return self._functions

    @property
    def watchlists(self) -> Watchlists:
        """The watchlists."""
        from vedette.workspace.watchlists import Watchlists

        if self._watchlists is None:
            self._watchlists = Watchlists(self._folder)
        return self._watchlists

    @property
    def places(self) -> str | None:
        """The file that says where addresses are; None where nobody named one.

        Raises ValueError for one that is named and not there.
        """
        named = self._geo or (Path(os.environ[PLACES_VARIABLE]) if _in_environment() else None)
        if named is not None:
            if not named.is_file():
                raise ValueError(f"there is no {named}, which should say where addresses are")
            return str(named.resolve())
        own = self._folder / "geo.mmdb" if self._folder is not None else None
        return str(own.resolve()) if own is not None and own.is_file() else None


def _in_environment() -> bool:
    return bool(os.environ.get(PLACES_VARIABLE))


class WithBeside:
    """What a workspace lets people add beside its tables."""

    _beside: Beside
    _compilations: Compilations

    @property
    def changes_rules(self) -> bool:
        """Whether values of placeholders or pipelines make more of Sigma's rules than they say."""
        return self._beside.changes_rules

    def add_functions(self, paths: Iterable[str | Path]) -> None:
        """Know the saved KQL functions of these files and folders, before those known so far."""
        self._beside.add_functions(paths)
        self._compilations.clear()

    def add_placeholders(self, values: Mapping[str, Any] | str | Path) -> None:
        """Know the values of Sigma's placeholders, before those known so far.

        *values* maps names to a value or a list of them, or is a YAML file that does. Raises
        ValueError, which says where in the file.
        """
        self._beside.add_placeholders(values)
        self._compilations.clear()

    def add_pipelines(self, paths: Iterable[str | Path]) -> None:
        """Let Sigma's rules go through pySigma's processing pipelines of these files and folders.

        All pipelines are applied in the order of their priority, then of their paths. Raises
        ValueError for one that is wrong or does what is not allowed.
        """
        self._beside.add_pipelines(paths)
        self._compilations.clear()

    def use_geo(self, file: str | Path) -> None:
        """Look addresses up in this MaxMind file from now on."""
        self._beside.use_places(file)
        self._compilations.clear()

    def add_watchlist(
        self, alias: str, csv_path: str | Path, search_key: str | None = None
    ) -> WatchlistEntry:
        """Take a CSV file's rows as a watchlist, in place of those that the list had.

        *search_key* names the column to look up by, the first one where it is left out. Raises
        WatchlistError (a ValueError).
        """
        self._compilations.clear()
        return self._beside.watchlists.add(alias, Path(csv_path), search_key)

    def remove_watchlist(self, alias: str) -> None:
        """Forget a watchlist; raises WatchlistError (a ValueError) where there is none."""
        self._compilations.clear()
        self._beside.watchlists.remove(alias)

    def changing_watchlists(self) -> AbstractContextManager[None]:
        """A block in which no other process changes the watchlists: to make new ones of old ones.

        Raises WatchlistError (a ValueError) where another does not let go of them.
        """
        return self._beside.watchlists.changing()

    def watchlist(self, alias: str) -> Watchlist | None:
        """The rows of a watchlist, the workspace's or one that comes with Vedette."""
        return self._beside.watchlists.find(alias)

    def watchlists(self) -> list[WatchlistEntry]:
        """The watchlists by alias: key, moment of the last change, rows."""
        return self._beside.watchlists.entries()
