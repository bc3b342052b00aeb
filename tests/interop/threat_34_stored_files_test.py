"""Threat 34: what is stored is readable by its owner only, and no name that a client chooses becomes a path."""
import pathlib
import unittest

from support import mqtt_packets as mqtt
from support.mqtt_cases import MqttCases
from support.mqtt_client import unique

NAMES = ("../../escaped", "/tmp/escaped", "..", "a/../../escaped", "~/escaped", "%2e%2e%2fescaped", "..\\escaped", "a b;escaped")


class StoredFiles(MqttCases):
    options = {"store": "fsync"}

    def setUp(self):
        self.store = pathlib.Path(self.gateway.folder) / "store"

    def everything(self):
        return {path for path in pathlib.Path(self.gateway.folder).rglob("*")}

    def outside(self):
        return {path for path in self.everything() if self.store not in (path, *path.parents)}

    def test_names_of_clients_and_topics_are_no_paths(self):
        outside = self.outside()
        for name in NAMES:
            with self.subTest(name):
                client = self.kept(name)
                client.subscribe((name, 2))
                client.leave()
                self.client().publish(name, b"stored", 1, retain=True)
                self.assertEqual(self.kept(name).receive().payload, b"stored")
        self.assertEqual(self.outside(), outside)
        self.assertFalse([path for path in self.everything() if "escaped" in path.name])
        self.assertFalse(pathlib.Path("/tmp/escaped").exists())

    def test_only_the_owner_reads_them(self):
        client = self.kept(unique("kept"))
        client.subscribe(("t", 1))
        client.leave()
        self.client().publish("t", b"stored", 1)
        self.assertTrue(any(path.is_file() for path in self.store.rglob("*")))
        for path in (self.store, *self.store.rglob("*")):
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)


if __name__ == "__main__":
    unittest.main()
