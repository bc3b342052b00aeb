"""Every numbered clause of MQTT that binds a server has a test: mqtt_clauses.tsv says which. Each of them has been run, and has passed: the
scripts have written that down (ctest runs them before this one), and unit tests are run here.

The list of clauses lies beside the project, where it is at hand; what it says stands in the specification."""
import ast
import csv
import os
import pathlib
import re
import subprocess
import unittest

from support import record

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
CLAUSES = pathlib.Path(os.environ.get("JUNCTOR_MQTT_CLAUSES", TESTS.parents[1] / "shared" / "data" / "mqtt-clauses.tsv"))


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def script_tests(path):
    """`file.Class.test` of one script, with what its classes inherit."""
    classes = {node.name: node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)}

    def methods(node):
        own = {each.name for each in node.body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")}
        return own.union(*(methods(classes[base.id]) for base in node.bases if isinstance(base, ast.Name) and base.id in classes))

    return {f"{path.stem.removesuffix('_test')}.{name}.{method}" for name, node in classes.items() if node.bases for method in methods(node)}


def program_tests(path):
    """`Suite.Name` of one gtest source."""
    return {".".join(found) for found in re.findall(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", path.read_text(), re.MULTILINE)}


def speaks_to_peers(script):
    """As CMakeLists.txt has it, which labels these."""
    return re.search(r"(?m)^from support(\.(clients|streams)|  *import .*mosquitto)", (HERE / f"{script}_test.py").read_text()) is not None


def passed_unit_tests(names):
    done = subprocess.run([os.environ["JUNCTOR_UNIT_MQTT"], "--gtest_color=no", "--gtest_filter=" + ":".join(sorted(names))],
                          capture_output=True, text=True)
    return set(re.findall(r"(?m)^\[       OK \] (\S+)", done.stdout))


class Clauses(unittest.TestCase):
    def setUp(self):
        self.covered = {(row["version"], row["clause"]): row["tests"].split() for row in rows(HERE / "mqtt_clauses.tsv")}

    def test_every_named_test_exists(self):
        known = set().union(*map(script_tests, HERE.glob("*_test.py")), *map(program_tests, TESTS.rglob("*_test.cpp")))
        named = {test for tests in self.covered.values() for test in tests}
        self.assertEqual(sorted(named - known), [])

    def test_every_named_test_has_passed(self):
        named = {test for tests in self.covered.values() for test in tests}
        scripts = {test for test in named if (HERE / f"{test.split('.')[0]}_test.py").is_file()}
        for script in sorted({test.split(".")[0] for test in scripts}):
            passed = record.results_of(script)
            if passed is None and speaks_to_peers(script):
                print(f"{script} was left out: it needs a real peer")
                continue
            wanted = {test.split(".", 1)[1] for test in scripts if test.startswith(script + ".")}
            self.assertEqual(sorted(wanted - (passed or set())), [], script)
        self.assertEqual(sorted(named - scripts - passed_unit_tests(named - scripts)), [])
        print(f"{len(named)} tests are named, all of those that were run have passed")

    @unittest.skipUnless(CLAUSES.is_file(), f"{CLAUSES} is not there: no clauses to cover")
    def test_every_clause_that_binds_a_server_has_a_test(self):
        binding = {(row["version"], row["clause"]) for row in rows(CLAUSES) if row["binds"] != "client"}
        for version in sorted({version for version, _ in binding}):
            clauses = [key for key in binding if key[0] == version]
            print(f"MQTT {version}: {sum(key in self.covered for key in clauses)} of {len(clauses)} clauses have a test")
        print(f"{len(binding & self.covered.keys())} of {len(binding)} clauses that bind a server have a test")
        self.assertEqual(sorted(binding - self.covered.keys()), [])
        self.assertEqual(sorted(self.covered.keys() - binding), [], "nothing else is listed")
        self.assertTrue(all(self.covered.values()))


if __name__ == "__main__":
    unittest.main()
