"""deploy/dashboards show metrics that the gateway has."""
import json
import pathlib
import re
import unittest

from support import mqtt_packets as mqtt
from support import raw
from support.gateway import Gateway
from support.mqtt_client import Client

DASHBOARDS = pathlib.Path(__file__).resolve().parents[2] / "deploy/dashboards"


def expressions(panel):
    yield from (target["expr"] for target in panel.get("targets", ()))
    for inner in panel.get("panels", ()):
        yield from expressions(inner)


class Dashboards(unittest.TestCase):
    def test_every_metric_exists(self):
        with Gateway(store="os") as gateway:
            self.provoke(gateway)
            there = set(re.findall(r"(?m)^# TYPE (\w+)", gateway.admin("/metrics")))
        for file in DASHBOARDS.glob("*.json"):
            shown = {name for panel in json.loads(file.read_text())["panels"] for text in expressions(panel)
                     for name in re.findall(r"\b(?:junctor|process)_\w+", text)}
            self.assertGreater(len(shown), 10)
            self.assertLessEqual(shown, there)

    def provoke(self, gateway):
        """Some metrics appear with their first count."""
        with raw.open_socket(gateway.ports["http"]) as connection:
            connection.sendall(b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            self.assertTrue(raw.ends(connection))
        with raw.open_socket(gateway.ports["mqtt"]) as connection:
            connection.sendall(b"\0\0")
            self.assertTrue(raw.ends(connection))
        request = f"GET /ws HTTP/1.1\r\nHost: localhost:{gateway.ports['http']}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        with raw.open_socket(gateway.ports["http"]) as connection:
            connection.sendall(request.encode() + b"\x81\x83\0\0\0\0{x}")
            self.assertTrue(connection.recv(1024))
        with Client(gateway.ports["mqtt"]) as client:
            client.connect("kept", session_expiry=60)
            client.send(mqtt.publish(mqtt.V5, "$reserved", b"", 1, 1))
            client.expect(mqtt.PUBACK)


if __name__ == "__main__":
    unittest.main()
