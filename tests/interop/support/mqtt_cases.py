"""Black-box cases of MQTT's clauses: one gateway per class of cases, bare clients of one version."""
import contextlib
import time
import unittest

from support import mqtt_packets as mqtt
from support.gateway import Gateway
from support.mqtt_client import Client, unique


class MqttCases(unittest.TestCase):
    version = mqtt.V5
    connectors = ["mqtt"]
    options = {}  # of the gateway

    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(connectors=cls.connectors, **cls.options))

    def stranger(self, version=None):
        """A connection without CONNECT."""
        client = Client(self.gateway.ports["mqtt"], self.version if version is None else version)
        self.addCleanup(client.cut)
        return client

    def client(self, client_id=None, version=None, **options):
        """A connected client; its CONNACK is `client.connack`."""
        client = self.stranger(version)
        client.client_id = unique() if client_id is None else client_id
        client.connack = client.connect(client.client_id, **options)
        return client

    def subscriber(self, *filters, **options):
        client = self.client(**options)
        codes = client.subscribe(*filters)
        self.assertTrue(all(code < 0x80 for code in codes), codes)
        return client

    def kept(self, client_id, clean=False, **options):
        """Connects to a session that outlives its connection."""
        if self.version == mqtt.V5:
            options.setdefault("session_expiry", 3600)
        return self.client(client_id, clean=clean, **options)

    def expect_refused(self, client, *codes):
        """No CONNACK that says yes, then the end. Version 5 may say why; older ones only where a code is expected."""
        got = client.read()
        if got is None:
            self.assertFalse(codes and self.version != mqtt.V5, "closed without CONNACK")
            return None
        self.assertEqual((got.kind, got.session_present), (mqtt.CONNACK, 0), got)
        self.assertTrue(got.reason in codes if codes else client.version == mqtt.V5 and got.reason >= 0x80, got)
        client.expect_end()
        return got.reason

    def expect_no_effect(self, watcher, topic):
        """Nothing came to `watcher` before a message that is sent now."""
        marker = unique("marker").encode()
        self.client().publish(topic, marker, 1)
        self.assertEqual(watcher.receive().payload, marker)

    @contextlib.contextmanager
    def assert_takes(self, at_least, at_most):
        """Seconds."""
        begin = time.monotonic()
        yield
        passed = time.monotonic() - begin
        self.assertTrue(at_least <= passed <= at_most, f"{passed:.2f} s")

    def let_pass(self, seconds):
        """As the timer of a client that is idle by design: never to wait for something."""
        time.sleep(seconds)
