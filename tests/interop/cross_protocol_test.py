"""Every client publishes, every client hears: payload, headers, content type, reply address and correlation are the same on all sides."""
import contextlib
import unittest

from support.clients import (CurlClient, EventSourceClient, MqttJsClient, PahoClient, WebSocketClient, ZeromqDealer, ZeromqPublisher,
                             ZeromqSubscriber)
from support.gateway import Gateway
from support.message import Message


class CrossProtocol(unittest.TestCase):
    def publishers(self, gateway):
        port = gateway.ports
        return {
            "paho": lambda: PahoClient(port["mqtt"]),
            "mqtt.js": lambda: MqttJsClient(f"mqtt://127.0.0.1:{port['mqtt']}"),
            "mqtt.js over WebSocket": lambda: MqttJsClient(f"ws://127.0.0.1:{port['http']}/mqtt"),
            "ws": lambda: WebSocketClient(f"ws://127.0.0.1:{port['http']}/ws"),
            "curl": lambda: CurlClient(gateway.url()),
            "PUB": lambda: ZeromqPublisher(port["pub"]),
            "DEALER": lambda: ZeromqDealer(port["request"]),
        }

    def subscribers(self, gateway):
        port = gateway.ports
        return {
            "paho": lambda: PahoClient(port["mqtt"]),
            "mqtt.js": lambda: MqttJsClient(f"mqtt://127.0.0.1:{port['mqtt']}"),
            "mqtt.js over WebSocket": lambda: MqttJsClient(f"ws://127.0.0.1:{port['http']}/mqtt"),
            "ws": lambda: WebSocketClient(f"ws://127.0.0.1:{port['http']}/ws"),
            "EventSource": lambda: EventSourceClient(gateway.url()),
            "DEALER": lambda: ZeromqDealer(port["request"]),
        }

    def check(self, gateway, messages):
        with contextlib.ExitStack() as stack:
            open_all = lambda makers: {name: stack.enter_context(make()) for name, make in makers.items()}
            publishers, subscribers = open_all(self.publishers(gateway)), open_all(self.subscribers(gateway))
            for subscriber in subscribers.values():
                subscriber.subscribe("cross/#")
            subscribers["SUB"] = stack.enter_context(ZeromqSubscriber(gateway.ports["sub"]))
            subscribers["SUB"].subscribe_prefix(b"cross/")
            subscribers["SUB"].subscribe_prefix(b"probe")
            subscribers["SUB"].await_subscription(publishers["curl"], "probe")
            for publisher_name, publisher in publishers.items():
                for message in messages:
                    publisher.publish(message)
                    for name, subscriber in subscribers.items():
                        with self.subTest(publisher=publisher_name, subscriber=name, topic=message.topic):
                            self.assertEqual(subscriber.receive(10).meaning(), message.meaning())

    def test_every_pair(self):
        messages = [
            Message("cross/plain", b"text", qos=1),
            Message("cross/binary", bytes(range(256)), "application/octet-stream", qos=1),
            Message("cross/empty", b"", qos=1),
            Message("cross/über/ unusual=%41&p", "größe".encode(), "text/plain; charset=utf-8", [("name", "wert ü=;,%"), ("b", "")],
                    "answers/to/me", b"correlation-1", 1),
        ]
        for cores in (1, 2):
            with self.subTest(cores=cores), Gateway(cores=cores) as gateway:
                self.check(gateway, messages)


if __name__ == "__main__":
    unittest.main()
