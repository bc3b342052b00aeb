"""Writes down which tests of a script have passed, for whoever needs proof that they were run."""
import os
import pathlib
import sys
import unittest

FOLDER = os.environ.get("JUNCTOR_RESULTS")


class Passed(unittest.TextTestResult):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.passed = []

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed.append(test.id().removeprefix("__main__."))


def results_of(script):
    """`Class.test` of those that passed when it was run last; None: it has not been."""
    file = pathlib.Path(FOLDER) / f"{script}.passed"
    return set(file.read_text().split()) if file.is_file() else None


def main():
    """In place of unittest.main()."""
    script = pathlib.Path(sys.argv[0]).stem.removesuffix("_test")
    file = pathlib.Path(FOLDER) / f"{script}.passed" if FOLDER else None
    if file:
        file.unlink(missing_ok=True)
    program = unittest.main(exit=False, testRunner=unittest.TextTestRunner(resultclass=Passed))
    # What was asked for by name is no whole run.
    if file and len(sys.argv) == 1:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(sorted(program.result.passed)) + "\n")
    sys.exit(not program.result.wasSuccessful())
