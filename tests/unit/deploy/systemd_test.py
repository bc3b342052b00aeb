"""deploy/systemd/junctor.service is what systemd understands, and least privilege. Skipped where systemd is not installed."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from repository import DEPLOY

UNIT = DEPLOY / "systemd/junctor.service"
MOST_EXPOSURE = 2.0  # of 10; systemd calls anything below 3 "OK"


class Unit(unittest.TestCase):
    def analyze(self, *arguments):
        return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_verifies(self):
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / UNIT.name
            unit.write_text(UNIT.read_text().replace("/usr/bin/junctor", os.environ["JUNCTOR_BINARY"].replace(" ", r"\x20")))
            done = self.analyze("verify", "--man=no", unit)
        self.assertNotIn(UNIT.name, done.stderr)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_exposes_little(self):
        done = self.analyze("security", "--offline=true", UNIT)
        exposure = float(re.search(r"Overall exposure level for \S+ ([\d.]+)", done.stdout.replace(": ", " ")).group(1))
        self.assertLessEqual(exposure, MOST_EXPOSURE, done.stdout)

    def test_starts_reloads_and_runs_without_rights(self):
        text = UNIT.read_text()
        for line in ("Type=notify", "ExecReload=/bin/kill -HUP $MAINPID", "DynamicUser=yes", "CapabilityBoundingSet=", "NoNewPrivileges=yes",
                     "ProtectSystem=strict", "MemoryDenyWriteExecute=yes", "StateDirectory=junctor", "StateDirectoryMode=0700"):
            self.assertRegex(text, rf"(?m)^{re.escape(line)}$")


if __name__ == "__main__":
    unittest.main()
