"""Write a new family: its file and its templates, which pass quizgen check as they are.

AREA/NAME is the family's id. Nothing is ever overwritten.
"""

from pathlib import Path

import click


@click.command()
@click.argument("name", metavar="AREA/NAME")
@click.option(
    "--bank", "folder", type=click.Path(path_type=Path), metavar="DIR", help="The bank to write into; made if need be."
)
def command(name: str, folder: Path | None) -> None:
    from quizgen.bank import installed, templates_of

    area, title = checked(name)
    refuse_known(name, folder)
    root = folder or own_bank()
    texts = templates_of(root) / area
    scaffold = installed()[1] / "scaffold"
    files = {root / area / f"{title}.py": scaffold / "family.py"} | {
        texts / source.name.replace("family", title, 1): source for source in sorted(scaffold.glob("family.*.j2"))
    }
    write(files)
    for file in files:
        click.echo(file)
    click.echo(f"quizgen check {name}" + (f" --bank {folder}" if folder else ""))


def checked(name: str) -> tuple[str, str]:
    """Area and name of an id. Raises InputError for one that cannot be that of a family."""
    import re
    from keyword import iskeyword

    from quizgen.errors import InputError

    word = "[a-z][a-z0-9]*(?:_[a-z0-9]+)*"
    match = re.fullmatch(f"({word})/({word})", name)
    if match is None or any(map(iskeyword, match.groups())) or match[1] in ("regressions", "templates"):
        raise InputError(
            "expected AREA/NAME, each in small letters, digits and single underscores, beginning with a letter,"
            f" such as convolution/output_side; got {name!r}",
            "AREA/NAME",
        )
    return match[1], match[2]


def refuse_known(name: str, folder: Path | None) -> None:
    """Raises InputError if some bank has a family of this name."""
    from quizgen.bank import Bank
    from quizgen.errors import InputError

    bank = Bank([folder] if folder and folder.is_dir() else [])
    if name in bank.files:
        raise InputError(f"the family exists already: {bank.files[name]}", name)


def own_bank() -> Path:
    """The bank of a checkout. Raises InputError where the program is installed, whose bank is not to be changed."""
    from quizgen.bank import installed
    from quizgen.errors import InputError

    bank = installed()[0]
    if bank.parent.name == "_data":
        raise InputError("say with --bank DIR where your own families are", "quizgen new")
    return bank


def write(files: dict[Path, Path]) -> None:
    """Copy each source to its target; all or none. Raises OutputError for a target that exists."""
    from quizgen.errors import OutputError

    for target in files:
        if target.exists():
            raise OutputError("exists already, and is not overwritten", str(target))
    written: list[Path] = []
    try:
        for target, source in files.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("x", encoding="utf-8", newline="\n") as file:
                written.append(target)
                file.write(source.read_text(encoding="utf-8"))
    except BaseException:
        for target in written:
            target.unlink(missing_ok=True)
        raise
