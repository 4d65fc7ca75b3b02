"""Search for answers that break the checker: ``python -m tests.fuzz [options of libFuzzer]``; see README.md."""

import sys
import tempfile
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Fuzz from the seeds, in a folder of its own unless one is named."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["quizgen"]):
        property_of = import_module("tests.fuzz.answers")
        property_of.hostile.load()
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(property_of.seeds()):
            (Path(folder) / f"seed-{number:04}").write_bytes(seed)
        arguments = [f"-dict={property_of.DICTIONARY}", "-max_len=400", *sys.argv[1:]]
        if not any(Path(argument).is_dir() for argument in sys.argv[1:]):
            arguments.append(folder)
        atheris.Setup([sys.argv[0], *arguments], property_of.check)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
