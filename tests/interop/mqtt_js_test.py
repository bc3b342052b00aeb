"""mqtt.js over TCP and over WebSocket, MQTT 3.1.1 and 5.0."""
import unittest

from support import record
from support.clients import MqttJsClient, PahoClient
from support.gateway import Gateway
from support.message import Message

BINARY = bytes(range(256))


class MqttJs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway())
        cls.urls = [f"mqtt://127.0.0.1:{cls.gateway.ports['mqtt']}", f"ws://127.0.0.1:{cls.gateway.ports['http']}/mqtt"]

    def test_everything_about_a_message_survives(self):
        for url in self.urls:
            for qos in (0, 1):
                with self.subTest(url=url, qos=qos), MqttJsClient(url) as client:
                    self.assertEqual(client.subscribe("js/+", qos), [qos])
                    sent = Message("js/a", BINARY, "application/octet-stream", [("colour", "green"), ("größe", "ß")], "answers/js", b"\0\xff", qos)
                    client.publish(sent)
                    received = client.receive()
                    self.assertEqual(received.meaning(), sent.meaning())
                    self.assertEqual(received.qos, qos)

    def test_version_3_1_1(self):
        for url in self.urls:
            with self.subTest(url=url), MqttJsClient(url, version=4) as client:
                client.subscribe("js/#")
                client.publish(Message("js/v4", b"hello", qos=1))
                self.assertEqual(client.receive().payload, b"hello")

    def test_retained_and_large(self):
        large = BINARY * 4096  # 1 MiB: more than one read and many WebSocket frames' worth
        for index, url in enumerate(self.urls):
            with self.subTest(url=url), MqttJsClient(url) as client:
                client.publish(Message(f"js-large/{index}", large, qos=1, retain=True))
                client.subscribe(f"js-large/{index}")
                received = client.receive()
                self.assertEqual((received.payload, received.retain), (large, True))

    def test_over_websocket_and_tcp_to_each_other(self):
        with MqttJsClient(self.urls[0]) as tcp, MqttJsClient(self.urls[1]) as websocket:
            for sender, receiver in ((tcp, websocket), (websocket, tcp)):
                receiver.subscribe("js-pair")
                sender.publish(Message("js-pair", b"across", qos=1))
                self.assertEqual(receiver.receive().payload, b"across")
                receiver.node.command("unsubscribe", filter="js-pair")
                receiver.node.event("unsubscribed")

    def test_a_second_client_of_the_same_name_takes_over(self):
        with MqttJsClient(self.urls[0], client_id="twin") as first, MqttJsClient(self.urls[1], client_id="twin") as second:
            self.assertEqual(first.node.event("disconnected")["reason"], 0x8E)
            second.subscribe("twin")
            with PahoClient(self.gateway.ports["mqtt"]) as other:
                other.publish(Message("twin", b"still here", qos=1))
            self.assertEqual(second.receive().payload, b"still here")

    def test_a_stop_says_goodbye_with_a_reason(self):
        with Gateway() as gateway, MqttJsClient(f"mqtt://127.0.0.1:{gateway.ports['mqtt']}") as client:
            self.assertEqual(gateway.stop(), 0)
            self.assertEqual(client.node.event("disconnected")["reason"], 0x8B)


if __name__ == "__main__":
    record.main()
