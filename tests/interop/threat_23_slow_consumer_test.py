"""Threat 23: a consumer that does not read costs what its queue may hold, and slows nobody."""
import unittest

from support import raw
from support.gateway import Gateway

QUEUE = 1 << 20
CONSUMERS = 8
MESSAGES = 4000
PAYLOAD = b"x" * 16_000  # 64 MB in all, to each consumer
SLACK = 48 << 20         # of allocators, socket buffers and sanitizers; 8 consumers without a limit would need 512 MB


class SlowConsumer(unittest.TestCase):
    def check(self, open_consumer):
        with Gateway(config="limits: {outbound_queue: 1MiB}", measured=True) as gateway:
            consumers = [open_consumer(gateway) for _ in range(CONSUMERS)]
            publisher = raw.mqtt_session(gateway.ports["mqtt"], "publisher")
            healthy = raw.mqtt_session(gateway.ports["mqtt"], "healthy")
            healthy.sendall(raw.mqtt_subscribe(["end"]))
            self.assertEqual(raw.read_mqtt_packet(healthy)[0], 0x90)
            before = gateway.resident_bytes()
            for _ in range(MESSAGES):
                publisher.sendall(raw.mqtt_publish("flood/a", PAYLOAD))
            publisher.sendall(raw.mqtt_publish("end", b"done"))
            self.assertTrue(raw.read_mqtt_packet(healthy)[1].endswith(b"done"), "the publisher is not slowed by those who do not read")
            self.assertLess(gateway.resident_bytes() - before, CONSUMERS * QUEUE + SLACK)
            self.assertRegex(gateway.admin("/metrics"), r"(?m)^junctor_\w*drop\w*(\{.*\})? [1-9]", "what was dropped is counted")
            for connection in (*consumers, publisher, healthy):
                connection.close()

    def test_mqtt(self):
        def open_consumer(gateway):
            connection = raw.mqtt_session(gateway.ports["mqtt"], "")
            connection.sendall(raw.mqtt_subscribe(["flood/#"]))
            self.assertEqual(raw.read_mqtt_packet(connection)[0], 0x90)
            return connection

        self.check(open_consumer)

    def test_json_over_websocket(self):
        def open_consumer(gateway):
            connection = raw.websocket_session(gateway.ports["http"])
            connection.sendall(raw.websocket_frame(b'{"op":"subscribe","id":1,"filter":"flood/#"}'))
            self.assertIn(b"ack", raw.read_websocket_frame(connection)[1])
            return connection

        self.check(open_consumer)

    def test_server_sent_events(self):
        def open_consumer(gateway):
            connection = raw.open_socket(gateway.ports["http"])
            connection.sendall(b"GET /v1/topics/flood/%23 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
            self.assertIn("200", raw.read_head(connection))
            return connection

        self.check(open_consumer)


if __name__ == "__main__":
    unittest.main()
