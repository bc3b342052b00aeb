"""Threat 28: administration and metrics are for this machine only, and robust."""
import subprocess
import unittest

from support import raw
from support.bystander import Bystander
from support.gateway import BINARY, Gateway


class Admin(unittest.TestCase):
    def test_an_admin_address_that_others_can_reach_is_refused_in_one_line(self):
        with Gateway() as gateway:
            config = gateway.folder / "open.yaml"
            config.write_text(gateway.configuration().replace('admin: {address: "127.0.0.1', 'admin: {address: "0.0.0.0'))
            done = subprocess.run([BINARY, "run", "-c", config], capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        errors = [line for line in done.stderr.splitlines() if line.strip()]
        self.assertEqual(len(errors), 1, done.stderr)
        self.assertIn("policy", errors[0])

    def test_administration_is_not_on_the_public_address(self):
        with Gateway() as gateway:
            for path in ("/metrics", "/healthz", "/admin", "/v1/admin"):
                with raw.open_socket(gateway.ports["http"]) as connection:
                    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                    self.assertTrue(raw.read_head(connection).startswith("HTTP/1.1 404"), path)

    def test_odd_requests_are_answered_and_harm_nobody(self):
        with Gateway() as gateway, Bystander(gateway) as bystander:
            for target in ("/%00", "/metrics?limit=-1&offset=99999999999999999999", "/" + "a" * 7000, "/../../etc/passwd", "//", "/healthz/../metrics",
                           "/?" + "x=1&" * 1000):
                with raw.open_socket(gateway.ports["admin"]) as connection:
                    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                    head = raw.read_head(connection)
                    self.assertRegex(head, r"^HTTP/1\.1 [2-4]\d\d ", target)
            bystander.check()


if __name__ == "__main__":
    unittest.main()
