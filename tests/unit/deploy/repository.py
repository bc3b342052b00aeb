"""Where things are, for the tests of deploy/."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"


def package_names(path):
    """The packages that a list names, without conditions and reasons."""
    lines = [re.sub(r"#.*", "", line).split() for line in path.read_text().splitlines()]
    return [words[0] for words in lines if words]
