"""Folders are built beside and swapped: never half written, never lost."""

import errno
from pathlib import Path

import pytest

from quizgen import folder
from quizgen.errors import InputError, OutputError


def ours(target: Path, content: bytes = b"one", **options: bool) -> None:
    with folder.replacing(target, force=options.get("force", False)) as staging:
        folder.write(staging, {"a.txt": content, "deep/b.txt": b"b"})
        folder.write_manifest(staging, {"quizgen": "1"})


def beside(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


def test_a_folder_of_ours_is_replaced(tmp_path: Path) -> None:
    ours(tmp_path / "exam")
    ours(tmp_path / "exam", b"two")
    assert (tmp_path / "exam/a.txt").read_bytes() == b"two"
    assert beside(tmp_path / "exam") == ["exam"]


@pytest.mark.parametrize("change", ["edited", "added", "removed", "foreign", "damaged"])
def test_a_changed_folder_is_refused_and_kept(tmp_path: Path, change: str) -> None:
    target = tmp_path / "exam"
    if change == "foreign":
        target.mkdir()
        (target / "thesis.tex").write_text("years of work")
    else:
        ours(target)
    if change == "removed":
        (target / "a.txt").unlink()
    written = {"edited": ("a.txt", "mine"), "added": ("notes.txt", "mine"), "damaged": ("manifest.json", "{")}
    if change in written:
        name, text = written[change]
        (target / name).write_text(text)
    before = folder.digests(target)
    with pytest.raises(OutputError, match="--force"):
        ours(target, b"two")
    assert folder.digests(target) == before
    assert beside(target) == ["exam"]
    ours(target, b"two", force=True)
    assert (target / "a.txt").read_bytes() == b"two"
    assert folder.digests(tmp_path / "exam.old-1") == before


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "exam").write_text("x")
    with pytest.raises(OutputError, match="this is a file"):
        ours(tmp_path / "exam")


def build_and_fail(target: Path, failure: BaseException) -> None:
    with folder.replacing(target, force=False) as staging:
        folder.write(staging, {"half.pdf": b"%PDF"})
        raise failure


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), RuntimeError("x"), FULL])
def test_nothing_is_left_of_a_failed_build(tmp_path: Path, failure: BaseException) -> None:
    ours(tmp_path / "exam")
    with pytest.raises((KeyboardInterrupt, RuntimeError, OutputError)):
        build_and_fail(tmp_path / "exam", failure)
    assert (tmp_path / "exam/a.txt").read_bytes() == b"one"
    assert beside(tmp_path / "exam") == ["exam"]


def test_a_full_disk_is_one_message(tmp_path: Path) -> None:
    said = "exam: cannot be written: No space left"
    with pytest.raises(OutputError, match=said), folder.replacing(tmp_path / "exam", force=False):
        raise FULL


def test_names_may_be_taken_away(tmp_path: Path) -> None:
    with folder.replacing(tmp_path / "exam", force=False) as staging:
        folder.write(staging, {"a.txt": b"a", "roster.csv": b"id,name"})
        folder.write_manifest(staging, {"quizgen": "1"})
    (tmp_path / "exam/roster.csv").unlink()
    ours(tmp_path / "exam", b"two")
    assert beside(tmp_path / "exam") == ["exam"]


def test_a_manifest_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"name": "web app"}')
    with pytest.raises(InputError, match="not a manifest of quizgen"):
        folder.read_manifest(tmp_path)
    with pytest.raises(InputError, match=r"there is no manifest\.json"):
        folder.read_manifest(tmp_path / "nowhere")
