"""Search for answers that break the checker: ``python -m tests.fuzz [--all] [options of libFuzzer]``; see README.md."""

import re
import sys
import tempfile
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Fuzz from the seeds, in a folder of its own unless one is named; with ``--all``, beyond the first finding."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["quizgen"]):
        property_of = import_module("tests.fuzz.answers")
        property_of.hostile.load()
    options = [option for option in sys.argv[1:] if option != "--all"]
    check = telling(property_of.check) if "--all" in sys.argv else property_of.check
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(property_of.seeds()):
            (Path(folder) / f"seed-{number:04}").write_bytes(seed)
        folders = [] if any(Path(option).is_dir() for option in options) else [folder]
        atheris.Setup([sys.argv[0], f"-dict={property_of.DICTIONARY}", "-max_len=400", *options, *folders], check)
        atheris.Fuzz()


def telling(check: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """``check``, which tells the first input that fails at each place and with the same notes instead of failing."""
    seen = set()

    def told(data: bytes) -> None:
        try:
            check(data)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = (type(error).__name__, last.filename, last.lineno, *re.findall(r"notes=\((.*?)\)", str(error)))
            if place not in seen:
                seen.add(place)
                sys.stderr.write(f"FOUND {place}: {data!r}: {error}\n")

    return told


if __name__ == "__main__":
    main()
