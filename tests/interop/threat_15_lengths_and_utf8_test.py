"""Threat 15: lengths that lie and text that is none end that connection in its protocol's own words, and nothing else."""
import struct
import unittest

from support import raw
from support.bystander import Bystander
from support.gateway import Gateway

NOT_UTF8 = {"surrogate": b"\xed\xa0\x80", "overlong": b"\xc0\xaf", "cut": b"\xe2\x82", "too large": b"\xf4\x90\x80\x80", "lone": b"\x80", "nul": b"\0"}


class LengthsAndText(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway())
        cls.ports = cls.gateway.ports
        cls.bystander = cls.enterClassContext(Bystander(cls.gateway))

    def tearDown(self):
        self.bystander.check()

    def refused_by_mqtt(self, packet):
        """Sent on an open MQTT 5 session: the gateway answers with DISCONNECT, if at all, and closes."""
        with raw.mqtt_session(self.ports["mqtt"], "") as connection:
            connection.sendall(packet)
            try:
                first, body = raw.read_mqtt_packet(connection)
            except (ConnectionError, IndexError):
                return True
            return first == 0xE0 and body[0] >= 0x80 and raw.ends(connection)

    def test_mqtt_lengths(self):
        for name, packet in {
            "five byte length": b"\x30\xff\xff\xff\xff\x7f",
            "topic beyond the packet": raw.mqtt_packet(0x30, struct.pack(">H", 500) + b"short"),
            "properties beyond the packet": raw.mqtt_packet(0x30, raw.mqtt_text("a") + b"\x7f"),
            "empty topic": raw.mqtt_packet(0x30, raw.mqtt_text("") + b"\0"),
            "publish without a body": raw.mqtt_packet(0x30, b""),
            "subscribe without filters": raw.mqtt_packet(0x82, b"\0\1\0"),
            "larger than the limit": b"\x30" + raw.variable_length((8 << 20) + 1) + b"x",
        }.items():
            with self.subTest(name):
                self.assertTrue(self.refused_by_mqtt(packet))

    def test_mqtt_text(self):
        for name, text in NOT_UTF8.items():
            with self.subTest(name):
                self.assertTrue(self.refused_by_mqtt(raw.mqtt_packet(0x30, raw.mqtt_text(b"a" + text) + b"\0")))
                with raw.open_socket(self.ports["mqtt"]) as connection:
                    connection.sendall(raw.mqtt_connect(b"client" + text))
                    self.assertTrue(raw.ends(connection))

    def test_websocket_lengths(self):
        for name, frame in {
            "64-bit length with the high bit": b"\x81\xff" + struct.pack(">Q", 1 << 63) + b"\0\0\0\0",
            "64-bit length above the limit": b"\x81\xff" + struct.pack(">Q", 1 << 40) + b"\0\0\0\0",
            "large control frame": b"\x89\xfe\x00\x7e\0\0\0\0" + b"x" * 126,
            "unmasked": b"\x81\x02{}",
            "reserved opcode": raw.websocket_frame(b"", opcode=3),
        }.items():
            with self.subTest(name), raw.websocket_session(self.ports["http"]) as connection:
                connection.sendall(frame)
                opcode, payload = raw.read_websocket_frame(connection)
                self.assertEqual(opcode, 8)
                self.assertIn(int.from_bytes(payload[:2], "big"), (1002, 1009))
                self.assertTrue(raw.ends(connection))

    def test_websocket_text(self):
        for name in ("surrogate", "overlong", "too large", "lone"):
            with self.subTest(name), raw.websocket_session(self.ports["http"]) as connection:
                connection.sendall(raw.websocket_frame(b'{"op":"publish","topic":"a","data":"' + NOT_UTF8[name] + b'"}'))
                opcode, payload = raw.read_websocket_frame(connection)
                self.assertTrue((opcode == 8 and payload[:2] == struct.pack(">H", 1007)) or (opcode == 1 and b'"error"' in payload), (opcode, payload))

    def test_http_targets(self):
        for target in ("%ff", "%00", "%", "%4", "a%2Fb%0d", "%ed%a0%80", "%c0%af", "/" * 200):
            with self.subTest(target), raw.open_socket(self.ports["http"]) as connection:
                connection.sendall(f"POST /v1/topics/{target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode())
                self.assertTrue(raw.read_head(connection).startswith("HTTP/1.1 400"))


if __name__ == "__main__":
    unittest.main()
