"""A server that is not there when the gateway starts: the log says so and why, once, whatever system it is of."""
import socket
import tempfile
import unittest

from support.gateway import Gateway
from support.wait import until


class BackendAway(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nobody = cls.enterClassContext(socket.socket())
        cls.nobody.bind(("127.0.0.1", 0))  # and never listens: whoever connects is refused
        cls.port = cls.nobody.getsockname()[1]

    def check_config(self, config):
        with Gateway(config=config, connectors=["mqtt"]) as gateway:
            until(lambda: " warning " in gateway.log(), f"a warning in {gateway.log()}")
            warnings = [line for line in gateway.log().splitlines() if " warning " in line]
            self.assertTrue(any(str(self.port) in line and "because=" in line for line in warnings), warnings)

    def check(self, settings, more=""):
        with self.subTest("backend"):
            self.check_config(f"{more}backend: {{{settings}}}")
        with self.subTest("bridge"):
            self.check_config(f"{more}bridges: [{{name: far, {settings}, out: [{{filter: \"a/#\"}}]}}]")

    def test_mqtt(self):
        self.check(f'type: mqtt, url: "mqtt://127.0.0.1:{self.port}"')

    def test_mqtt_with_nobody_to_trust(self):
        """A file that holds no certificate: no line ever comes up, and the log does not keep that to itself."""
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as junk:
            junk.write("no certificate\n")
            junk.flush()
            self.check(f'type: mqtt, url: "mqtts://127.0.0.1:{self.port}", ca: {junk.name}')

    def test_vertx(self):
        self.check(f'type: vertx, url: "vertx://127.0.0.1:{self.port}"')

    def test_matrix(self):
        self.check(f'type: matrix, url: "http://127.0.0.1:{self.port}", token: t, room: "#r:example"', "limits: {packet: 40KiB}\n")


if __name__ == "__main__":
    unittest.main()
