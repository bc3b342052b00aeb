"""pyzmq: PUB, SUB, DEALER and REQ."""
import json
import unittest

import zmq

from support.clients import PahoClient, WebSocketClient, ZeromqDealer, ZeromqPublisher, ZeromqSocket, ZeromqSubscriber
from support.gateway import Gateway
from support.message import Message, from_zeromq


class PlainPublisher(ZeromqSocket):
    kind = zmq.PUB


class Requester(ZeromqSocket):
    kind = zmq.REQ

    def call(self, *frames):
        self.socket.send_multipart(frames)
        return self.receive_frames()


class Zeromq(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway())
        cls.ports = cls.gateway.ports

    def mqtt(self):
        return PahoClient(self.ports["mqtt"])

    def test_a_pub_socket_publishes(self):
        with self.mqtt() as subscriber, PlainPublisher(self.ports["pub"]) as publisher:
            subscriber.subscribe("pub/#")
            # A PUB socket drops until the subscription of the other side has come; nothing tells when.
            while subscriber.events["message"].empty():
                publisher.socket.send_multipart([b"pub/a", b"hello"])
                publisher.socket.poll(20)
            self.assertEqual(subscriber.receive().payload, b"hello")

    def test_headers_of_a_publisher_survive(self):
        sent = Message("zmq/headers", b"\0\xff", "application/x-test", [("a", "1")], "answers/zmq", b"\1", 1)
        with self.mqtt() as subscriber, ZeromqPublisher(self.ports["pub"]) as publisher:
            subscriber.subscribe("zmq/#")
            publisher.publish(sent)
            self.assertEqual(subscriber.receive().meaning(), sent.meaning())

    def test_a_subscription_is_a_prefix(self):
        with self.mqtt() as publisher, ZeromqSubscriber(self.ports["sub"]) as subscriber:
            subscriber.subscribe_prefix(b"pre/fix")
            subscriber.await_subscription(publisher, "pre/fix")
            for topic in ("pre", "pre/fi", "other/pre/fix", "pre/fixed", "pre/fix/a"):
                publisher.publish(Message(topic, topic.encode(), qos=1))
            self.assertEqual([subscriber.receive().topic for _ in range(2)], ["pre/fixed", "pre/fix/a"])

    def test_a_message_without_headers_has_two_frames(self):
        with self.mqtt() as publisher, ZeromqSubscriber(self.ports["sub"]) as subscriber:
            subscriber.subscribe_prefix(b"two/frames")
            subscriber.await_subscription(publisher, "two/frames")
            publisher.publish(Message("two/frames", b"\0\xff"))
            self.assertEqual(subscriber.receive_frames(), [b"two/frames", b"\0\xff"])

    def test_unsubscribed_means_silence(self):
        with self.mqtt() as publisher, ZeromqSubscriber(self.ports["sub"]) as subscriber:
            for prefix in (b"left", b"kept"):
                subscriber.subscribe_prefix(prefix)
                subscriber.await_subscription(publisher, prefix.decode())
            subscriber.socket.unsubscribe(b"left")
            publisher.publish(Message("left", b"unheard"))
            publisher.publish(Message("kept", b"heard"))
            topics = [subscriber.receive().topic]
            while topics[-1] != "kept":
                topics.append(subscriber.receive().topic)
            self.assertEqual(topics[-1], "kept")

    def test_dealer_subscribes_and_publishes(self):
        with ZeromqDealer(self.ports["request"]) as dealer:
            dealer.subscribe("dealer/#")
            sent = Message("dealer/a", b"\0\xff", "application/x-test", [("a", "1")], qos=1)
            dealer.publish(sent)
            self.assertEqual(dealer.receive().meaning(), sent.meaning())

    def test_req_gets_one_answer_for_each_request(self):
        with Requester(self.ports["request"]) as requester:
            for number in range(10):
                self.assertEqual(requester.call(b"publish", str(number).encode(), b"req/a", b"hello")[:2], [b"ack", str(number).encode()])

    def test_errors_name_their_reason(self):
        with ZeromqDealer(self.ports["request"]) as dealer:
            for op, topic in ((b"nonsense", b"a"), (b"publish", b"a/+"), (b"publish", b"\xff"), (b"subscribe", b"a/#/b")):
                answer = dealer.operate(op, topic)
                self.assertEqual(answer[0], b"error", answer)
            self.assertEqual(dealer.operate(b"ping")[0], b"ack")

    def test_dealer_answers_a_websocket_client(self):
        with ZeromqDealer(self.ports["request"]) as dealer, WebSocketClient(f"ws://127.0.0.1:{self.ports['http']}/ws") as requester:
            dealer.subscribe("service/zmq")
            requester.send(op="request", id=1, topic="service/zmq", data="question", timeout="20s")
            kind, _, topic, body, headers = dealer.receive_frames()
            self.assertIn(kind, (b"request", b"message"))
            self.assertEqual((topic, body), (b"service/zmq", b"question"))
            request = from_zeromq([topic, body, headers])
            fields = {key: value for key, value in json.loads(headers).items() if key.startswith("correlation")}
            self.assertEqual(dealer.operate(b"reply", request.reply_to.encode(), b"answer", fields)[0], b"ack")
            reply = requester.frame()
            self.assertEqual((reply["op"], reply["data"]), ("reply", "answer"))


if __name__ == "__main__":
    unittest.main()
