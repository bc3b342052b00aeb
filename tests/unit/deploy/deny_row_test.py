"""A connector without its row in the deny matrix is not built: configuring a copy of the sources stops with one line that says what to write."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from repository import ROOT


class DenyRow(unittest.TestCase):
    def setUp(self):
        self.copy = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("CMakeLists.txt", "CMakePresets.json", "deploy", "gateway", "core", "policy"):
            (self.copy / name).symlink_to(ROOT / name)
        shutil.copytree(ROOT / "tests", self.copy / "tests", symlinks=True, ignore=shutil.ignore_patterns("node_modules", "corpus"))
        (self.copy / "connectors").mkdir()
        for folder in (ROOT / "connectors").iterdir():
            (self.copy / "connectors" / folder.name).symlink_to(folder)
        self.rows = self.copy / "tests/interop/deny_matrix"

    def configure(self, *more):
        return subprocess.run(["cmake", "--preset", "release", *more], cwd=self.copy, capture_output=True, text=True, timeout=110)

    def assert_refused(self, words):
        run = self.configure()
        self.assertNotEqual(run.returncode, 0)
        self.assertIn(words, " ".join(run.stderr.split()))

    def add_connector(self, name):
        folder = self.copy / "connectors" / name
        folder.mkdir()
        (folder / "CMakeLists.txt").write_text("junctor_connector()\n")
        (folder / "listener.cpp").write_text("")

    def test_a_connector_without_a_row(self):
        self.add_connector("semaphore")
        self.assert_refused("connectors/semaphore has no row in the deny matrix: write tests/interop/deny_matrix/semaphore.py")

    def test_a_row_without_verbs(self):
        self.add_connector("semaphore")
        (self.rows / "semaphore.py").write_text("")
        self.assert_refused("tests/interop/deny_matrix/semaphore.py names no verbs")

    def test_a_connector_that_lets_clients_in_with_an_empty_row(self):
        self.add_connector("semaphore")
        (self.rows / "semaphore.py").write_text("VERBS = set()\n")
        self.assert_refused("connectors/semaphore lets clients in")

    def test_with_its_row_it_is_configured_and_without_it_a_build_that_was_fails(self):
        self.add_connector("semaphore")
        (self.rows / "semaphore.py").write_text('VERBS = {"connect"}\n')
        run = self.configure()
        self.assertEqual(run.returncode, 0, run.stderr)
        (self.rows / "semaphore.py").unlink()
        build = subprocess.run(["cmake", "--build", "build/release", "--target", "junctor_base"], cwd=self.copy, capture_output=True, text=True, timeout=110)
        self.assertNotEqual(build.returncode, 0)
        self.assertRegex(re.sub(r"\s+", " ", build.stdout + build.stderr), "write tests/interop/deny_matrix/semaphore.py")


if __name__ == "__main__":
    unittest.main()
