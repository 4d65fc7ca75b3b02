"""Finds and loads families. A family's id is its path under the bank: ``convolution/output_side``.

A bank is a folder of Python files with its templates in a folder ``templates/items`` inside it or beside it. Nothing is
imported before it is used. A bank is a program: load only what you trust.
"""

import importlib.util
import sys
import traceback
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from types import ModuleType

from quizgen.errors import FamilyError, InputError, QuizgenError, UnknownName
from quizgen.family import Family


def installed() -> tuple[Path, Path]:
    """The folders of the banks and the templates that come with the program, in a checkout or in a wheel."""
    package = Path(__file__).resolve().parent
    data = package / "_data"
    root = data if data.is_dir() else package.parent
    return root / "banks", root / "templates"


def templates_of(folder: Path) -> Path:
    """The folder of the item templates of a bank: inside it, unless it stands only beside it."""
    inside = folder / "templates" / "items"
    beside = folder.resolve().parent / "templates" / "items"
    return beside if beside.is_dir() and not inside.is_dir() else inside


class Bank:
    """The families of one or more folders, by id."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        for folder in folders:
            if not Path(folder).is_dir():
                raise InputError("there is no such folder", f"--bank {folder}")
        self.folders = (installed()[0], *(Path(folder).absolute() for folder in folders))
        self._loaded: dict[str, Family] = {}

    @cached_property
    def files(self) -> dict[str, Path]:
        """Family id to file, sorted. The same id in two folders is an error that names both."""
        found: dict[str, Path] = {}
        for folder in self.folders:
            for file in sorted(folder.glob("*/*.py")):
                if file.name.startswith("_"):
                    continue
                name = f"{file.parent.name}/{file.stem}"
                if name in found:
                    raise FamilyError(f"the family stands in {found[name]} and in {file}", name)
                found[name] = file
        return dict(sorted(found.items()))

    @cached_property
    def templates(self) -> tuple[Path, ...]:
        """The folders of item templates, one for each folder of families."""
        return tuple(templates_of(folder) for folder in self.folders)

    def family(self, name: str) -> Family:
        """The family with this id, loaded when first asked for. Raises UnknownName, FamilyError for a broken file."""
        if name not in self._loaded:
            if name not in self.files:
                raise UnknownName.among("family", name, self.files)
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def matching(self, pattern: str) -> list[str]:
        """The ids that a pattern such as ``convolution/*`` stands for. Raises UnknownName if there are none."""
        from fnmatch import fnmatchcase

        names = [name for name in self.files if fnmatchcase(name, pattern)]
        if not names:
            raise UnknownName.among("family", pattern, self.files)
        return names

    def name_of(self, path: Path) -> str:
        """The id of a family's file. Raises InputError for a file of no bank."""
        for name, file in self.files.items():
            if file.resolve() == path.resolve():
                return name
        raise InputError("this file is in none of the banks", str(path))

    def _load(self, name: str) -> Family:
        file = self.files[name]
        module = _import(name, self.folders.index(file.parent.parent), file)
        family = getattr(module, "family", None)
        if not isinstance(family, Family):
            raise FamilyError("the file must define `family = Family(...)`", str(file))
        family.id = name
        return family


def _import(name: str, number: int, file: Path) -> ModuleType:
    """Run a family's file as the module ``quizgen_banks.<number>.<area>.<name>``."""
    if file.suffix != ".py":
        raise FamilyError("a family is a Python file", str(file))
    title = f"quizgen_banks.{number}.{name.replace('/', '.')}"
    spec = importlib.util.spec_from_file_location(title, file)
    if spec is None or spec.loader is None:
        raise FamilyError("this file cannot be loaded", str(file))
    module = importlib.util.module_from_spec(spec)
    sys.modules[title] = module
    try:
        spec.loader.exec_module(module)
    except QuizgenError as error:
        raise error.at(str(file)) from error
    except Exception as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
        line = f":{frames[-1].lineno}" if frames else f":{getattr(error, 'lineno', None) or 1}"
        raise FamilyError(f"{type(error).__name__}: {error}", f"{file}{line}") from error
    return module
