"""The folder that an exam is written to: built beside, then swapped, so that nothing is ever half written.

``manifest.json`` in it holds everything that a rebuild needs, and the sha256 of every file. A folder is replaced only
when it is ours and unchanged.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from quizgen.errors import InputError, OutputError
from quizgen.values import SCHEMA

MANIFEST = "manifest.json"
ROSTER = "roster.csv"
"""Names of students; it may be taken away without the folder counting as changed."""


@contextmanager
def replacing(target: Path, *, force: bool) -> Iterator[Path]:
    """A new folder to write into; it takes the place of ``target`` when the block ends well, and vanishes when not.

    Raises OutputError, before anything is done, for a target that is not ours, or not as we left it, unless ``force``:
    then the old folder is kept under a new name.
    """
    target = target.resolve()
    keep = _refusal(target)
    if keep and not force:
        raise OutputError(f"{keep}; give another folder with -o, or --force to move this one aside", str(target))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", str(target)) from error
    try:
        staging.chmod(0o755)
        yield staging
        _swap(staging, target, keep=bool(keep))
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror or error}", str(target)) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _refusal(target: Path) -> str:
    """Why ``target`` must not be replaced; empty if it may be."""
    if not target.exists():
        return ""
    if not target.is_dir():
        return "this is a file, not a folder"
    if not any(target.iterdir()):
        return ""
    try:
        manifest = read_manifest(target)
    except InputError:
        return "this folder was not written by quizgen"
    changed = changes(target, manifest["files"])
    return f"files in it were changed since they were written: {', '.join(changed[:5])}" if changed else ""


def _swap(staging: Path, target: Path, *, keep: bool) -> None:
    if not target.exists():
        staging.rename(target)
        return
    aside = _free_name(target)
    target.rename(aside)
    try:
        staging.rename(target)
    except OSError:
        aside.rename(target)
        raise
    if not keep:
        shutil.rmtree(aside)


def _free_name(target: Path) -> Path:
    number = 1
    while (aside := target.with_name(f"{target.name}.old-{number}")).exists():
        number += 1
    return aside


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below ``folder``; a name may hold slashes."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def digests(folder: Path) -> dict[str, str]:
    """Path below ``folder`` (with slashes) to sha256, sorted; the manifest itself is left out."""
    found = {}
    for file in folder.rglob("*"):
        if file.is_file() and (name := file.relative_to(folder).as_posix()) != MANIFEST:
            found[name] = sha256(file.read_bytes()).hexdigest()
    return dict(sorted(found.items()))


def changes(folder: Path, files: Mapping[str, str]) -> list[str]:
    """The files that differ from their digests, came or went; a roster that was taken away does not count."""
    now = digests(folder)
    names = sorted({*now, *files} if ROSTER in now else {*now, *files} - {ROSTER})
    return [name for name in names if now.get(name) != files.get(name)]


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest, with the digests of everything else in ``folder``."""
    data = {"schema": SCHEMA, **manifest, "files": digests(folder)}
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(data)) + b"\n")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder. Raises InputError if there is none, or none that we can read."""
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise InputError(f"there is no {MANIFEST}; expected a folder written by `quizgen exam`", str(folder)) from error
    except msgspec.DecodeError as error:
        raise InputError(f"this is not JSON: {error}", str(path)) from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict) or "quizgen" not in manifest:
        raise InputError("this is not a manifest of quizgen", str(path))
    if manifest.get("schema") != SCHEMA:
        raise InputError(f"expected schema {SCHEMA}, got {manifest.get('schema')!r}", str(path))
    return manifest
