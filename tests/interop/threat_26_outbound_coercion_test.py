"""Threat class 26, outbound coercion: whatever a client writes where an address could stand, the gateway connects nowhere for it. Only the
configuration names servers."""
import contextlib
import json
import socket
import unittest

from support.clients import CurlClient, PahoClient, WebSocketClient, ZeromqDealer
from support.gateway import Gateway
from support.message import Message
from support.vertx import BridgeClient

CONNECTORS = ["mqtt", "websocket", "rest", "zeromq", "vertx"]
SCHEMES = ("http", "mqtt", "vertx", "ws", "zmq")


class Bait:
    """Use as a context: a server that nobody has any business with."""

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(30)
        self.port = self.socket.getsockname()[1]
        return self

    def __exit__(self, *_):
        self.socket.close()

    def urls(self):
        return [f"{scheme}://127.0.0.1:{self.port}/x" for scheme in SCHEMES] + [f"127.0.0.1:{self.port}"]

    def first_visitor_is_ours(self):
        """Whoever had come before would stand in front of this one."""
        with socket.create_connection(("127.0.0.1", self.port)) as own:
            visitor, address = self.socket.accept()
            visitor.close()
            return address == own.getsockname()


class OutboundCoercion(unittest.TestCase):
    def test_no_field_of_a_client_is_an_address_to_connect_to(self):
        with Bait() as bait, Gateway(connectors=CONNECTORS) as gateway, contextlib.ExitStack() as stack:
            hears = stack.enter_context(PahoClient(gateway.ports["mqtt"]))
            hears.subscribe("bait/#")
            mqtt = stack.enter_context(PahoClient(gateway.ports["mqtt"]))
            websocket = stack.enter_context(WebSocketClient(f"ws://127.0.0.1:{gateway.ports['http']}/ws"))
            zeromq = stack.enter_context(ZeromqDealer(gateway.ports["request"]))
            bus = stack.enter_context(BridgeClient(gateway.ports["vertx"]))
            rest = CurlClient(gateway.url())
            for url in bait.urls():
                headers = [(name, url) for name in ("junctor-hops", "junctor-origin", "location", "host", "reply-to", "traceparent")]
                mqtt.publish(Message("bait/mqtt", url.encode(), url, headers, reply_to=url, qos=1))
                websocket.operate(op="publish", topic="bait/websocket", data=url, content_type=url, reply_to=url, headers=dict(headers))
                zeromq.operate(b"publish", b"bait/zeromq", url.encode(), {"reply_to": url, "content_type": url})
                rest.call("POST", "/v1/topics/bait/rest", json.dumps({"specversion": "1.0", "id": "1", "source": url, "type": "x", "dataschema": url,
                                                                      "replyto": url, "data": url}).encode(), ["Content-Type: application/cloudevents+json"])
                bus.send("send", address="bait/vertx", replyAddress=url, body=url, headers=dict(headers))
                bus.send("publish", address=url, body=url)
            mqtt.publish(Message("bait/end", qos=1))
            heard = [hears.receive()]
            while heard[-1].topic != "bait/end":
                heard.append(hears.receive())
            self.assertGreaterEqual({each.topic for each in heard}, {"bait/mqtt", "bait/websocket", "bait/zeromq", "bait/rest", "bait/vertx"})
            for each in heard:  # and an answer to what names such a place goes nowhere either
                if each.reply_to:
                    hears.publish(Message(each.reply_to, b"answer"))
            self.assertTrue(bait.first_visitor_is_ours())


if __name__ == "__main__":
    unittest.main()
