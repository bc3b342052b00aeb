"""deploy/compose.yaml names files and ports that fit together. Needs no container engine."""
import os
import re
import subprocess
import tempfile
import unittest

import yaml
from repository import DEPLOY, ROOT


class Compose(unittest.TestCase):
    def setUp(self):
        compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
        self.services = compose["services"]
        self.volumes = compose["volumes"]
        self.junctor = self.services["junctor"]

    def test_builds_from_files_that_exist(self):
        context = (DEPLOY / self.junctor["build"]["context"]).resolve()
        self.assertEqual(context, ROOT)
        self.assertTrue((context / self.junctor["build"]["dockerfile"]).exists())

    def test_mounts_what_exists(self):
        for service in self.services.values():
            for mount in service["volumes"]:
                source = mount.split(":")[0]
                known = (DEPLOY / source).exists() if source.startswith(".") else source in self.volumes
                self.assertTrue(known, mount)

    def test_nothing_is_published_beyond_loopback(self):
        for service in self.services.values():
            for port in service["ports"]:
                self.assertTrue(port.startswith("127.0.0.1:"), port)

    def test_what_is_published_is_served(self):
        served = set(re.findall(r'address: "0\.0\.0\.0:(\d+)"', (DEPLOY / "compose/junctor.yaml").read_text()))
        self.assertEqual({port.split(":")[2] for port in self.junctor["ports"]}, served)
        listener = re.search(r"(?m)^listener (\d+)$", (DEPLOY / "compose/mosquitto.conf").read_text()).group(1)
        self.assertEqual([port.split(":")[2] for port in self.services["mosquitto"]["ports"]], [listener])

    def test_runs_a_configuration_that_junctor_takes(self):
        inside = self.junctor["command"][self.junctor["command"].index("-c") + 1]
        mounted = next(mount.split(":")[0] for mount in self.junctor["volumes"] if mount.split(":")[1] == inside)
        with tempfile.TemporaryDirectory() as store:
            done = subprocess.run([os.environ["JUNCTOR_BINARY"], "check", DEPLOY / mounted], capture_output=True, text=True,
                                  env={**os.environ, "JUNCTOR_STORE": store})
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_has_no_rights_that_it_does_not_need(self):
        self.assertTrue(self.junctor["read_only"])
        self.assertEqual(self.junctor["cap_drop"], ["ALL"])
        self.assertIn("no-new-privileges:true", self.junctor["security_opt"])


if __name__ == "__main__":
    unittest.main()
