"""deploy/install_packages against stand-ins for dpkg-query, apt-get and sudo."""
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import unittest

from repository import DEPLOY

NOBODY = 65534


class Machine:
    """A copy of the command whose PATH holds only what the test puts there. Its folder has a space in its name."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder) / "a checkout"
        (self.root / "deploy").mkdir(parents=True)
        for name in ("install_packages", "steps.sh"):
            shutil.copy(DEPLOY / name, self.root / "deploy" / name)
        self.bin = self.root / "bin"
        self.bin.mkdir()
        self.calls = self.root / "calls"
        self.calls.touch()
        for tool in ("bash", "env", "sed", "tee", "tail", "mkdir", "dirname", "basename", "readlink", "cat"):
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.packages = self.root / "packages"

    def program(self, name, script):
        path = self.bin / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)

    def debian(self, installed=(), apt_status=0):
        known = " ".join(installed)
        self.program("dpkg-query", f'for p in {known}; do [[ "${{@: -1}}" == "$p" ]] && echo -n installed; done; true')
        self.program("apt-get", f'echo "apt-get $*" >> "{self.calls}"; echo "a line of apt"; exit {apt_status}')

    def install(self, lines, user=0, **environment):
        self.packages.write_text("".join(f"{line}\n" for line in lines))
        for path in [self.root.parent, self.root, *self.root.rglob("*")]:
            if not path.is_symlink():
                os.chown(path, user, user) if os.geteuid() == 0 else None
        other_user = {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}
        return subprocess.run([self.bin / "bash", self.root / "deploy/install_packages", self.packages], capture_output=True, text=True,
                              env={"PATH": str(self.bin), **environment}, cwd="/", **other_user)

    def apt_calls(self):
        return self.calls.read_text().splitlines()


class InstallPackages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.machine = Machine(folder.name)
        if os.geteuid() != 0:
            self.machine.program("sudo", '[[ $1 == -v ]] || exec "$@"')

    def test_says_nothing_and_calls_nothing_when_all_is_there(self):
        self.machine.debian(installed=["cmake", "ninja-build"])
        done = self.machine.install(["cmake # the build", "ninja-build"])
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual(self.machine.apt_calls(), [])

    def test_updates_and_installs_only_what_is_missing(self):
        self.machine.debian(installed=["cmake"])
        done = self.machine.install(["# a list", "", "cmake", "ninja-build # why", "libssl-dev"])
        self.assertEqual(done.returncode, 0, done.stderr)
        update, install = self.machine.apt_calls()
        self.assertTrue(update.endswith(" update"), update)
        self.assertTrue(install.endswith(" install --no-install-recommends ninja-build libssl-dev"), install)
        self.assertIn("installing ninja-build libssl-dev", done.stderr)

    def test_a_program_from_elsewhere_stands_for_its_package(self):
        self.machine.debian()
        self.machine.program("node", "true")
        done = self.machine.install(["nodejs unless node # JavaScript"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.machine.apt_calls(), [])

    def test_a_failing_installation_shows_its_output_and_its_log(self):
        self.machine.debian(apt_status=100)
        done = self.machine.install(["cmake"])
        self.assertEqual(done.returncode, 1)
        self.assertIn("a line of apt", done.stderr)
        self.assertIn("build/logs/packages.log", done.stderr)

    def test_another_system_is_told_what_to_install(self):
        done = self.machine.install(["cmake", "ninja-build"])
        self.assertEqual(done.returncode, 1)
        self.assertIn("not Debian", done.stderr)
        self.assertIn("cmake ninja-build", done.stderr)
        self.assertEqual(self.machine.install(["cmake"], JUNCTOR_INSTALL="no").returncode, 0)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become another user")
    def test_without_root_and_sudo_it_says_what_root_has_to_run(self):
        self.machine.debian()
        os.chmod(self.machine.root.parent, 0o755)
        done = self.machine.install(["cmake"], user=NOBODY)
        self.assertEqual(done.returncode, 1)
        self.assertIn("apt-get update && apt-get install cmake", done.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become another user")
    def test_uses_sudo_where_it_is_not_root(self):
        self.machine.debian()
        self.machine.program("sudo", f'echo "sudo $1" >> "{self.machine.calls}"; [[ $1 == -v ]] || exec "$@"')
        done = self.machine.install(["cmake"], user=NOBODY)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([call.split()[0] for call in self.machine.apt_calls()], ["sudo", "sudo", "apt-get", "sudo", "apt-get"])


if __name__ == "__main__":
    unittest.main()
