"""The JSON protocol through the npm package `ws`."""
import base64
import unittest

from support.clients import WebSocketClient
from support.gateway import Gateway
from support.message import Message


class JsonOverWebSocket(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway())
        cls.url = f"ws://127.0.0.1:{cls.gateway.ports['http']}/ws"

    def test_subscribe_publish_message(self):
        with WebSocketClient(self.url) as client:
            self.assertEqual(client.operate(op="subscribe", filter="a/#", qos=1), {"op": "ack", "id": 1})
            self.assertEqual(client.operate(op="publish", topic="a/b", data="text"), {"op": "ack", "id": 2})
            self.assertEqual(client.receive_fields(), {"op": "message", "topic": "a/b", "data": "text"})

    def test_ids_keep_their_type_and_without_one_there_is_no_ack(self):
        with WebSocketClient(self.url) as client:
            client.send(op="publish", topic="nobody", data="silent")
            for identifier in (7, "7", 1.5, "ü"):
                client.send(op="ping", id=identifier)
                self.assertEqual(client.frame(), {"op": "pong", "id": identifier})

    def test_everything_about_a_message_survives(self):
        sent = Message("everything", b"\0\xff", "application/x-test", [("a", "1"), ("b", "2")], "answers/ws", b"\1\xfe", 1)
        with WebSocketClient(self.url) as client:
            client.subscribe("everything")
            client.publish(sent)
            self.assertEqual(client.receive().meaning(), sent.meaning())

    def test_other_json_values_are_published_as_their_text(self):
        with WebSocketClient(self.url) as client:
            client.subscribe("value")
            client.send_text('{"op":"publish","topic":"value","data":{"n":1}}')
            self.assertEqual(client.receive_fields(), {"op": "message", "topic": "value", "data": '{"n":1}', "content_type": "application/json"})

    def test_binary_payloads_travel_as_base64(self):
        with WebSocketClient(self.url) as client:
            client.subscribe("binary")
            client.send(op="publish", topic="binary", data_base64=base64.b64encode(b"\xff\xfe").decode())
            self.assertEqual(client.receive_fields()["data_base64"], base64.b64encode(b"\xff\xfe").decode())

    def test_request_and_reply_between_two_clients(self):
        with WebSocketClient(self.url) as requester, WebSocketClient(self.url) as responder:
            responder.subscribe("service")
            requester.send(op="request", id="r", topic="service", data="question", timeout="20s")
            request = responder.receive_fields()
            self.assertEqual(request["data"], "question")
            answer = {key: request[key] for key in ("reply_to", "correlation", "correlation_base64") if key in request}
            self.assertEqual(responder.operate(op="reply", data="answer", **answer)["op"], "ack")
            reply = requester.frame()
            self.assertEqual((reply["op"], reply["id"], reply["data"]), ("reply", "r", "answer"))

    def test_a_request_without_an_answer_ends_in_an_error(self):
        with WebSocketClient(self.url) as client:
            client.send(op="request", id=1, topic="nobody/there", data="?", timeout="100ms")
            answer = client.frame()
            self.assertEqual((answer["op"], answer["id"]), ("error", 1))

    def test_unsubscribed_means_silence(self):
        with WebSocketClient(self.url) as client:
            client.subscribe("one")
            client.subscribe("two")
            self.assertEqual(client.operate(op="unsubscribe", filter="one")["op"], "ack")
            client.publish(Message("one", b"unheard"))
            client.publish(Message("two", b"heard"))
            self.assertEqual(client.receive().payload, b"heard")

    def test_hello_leaves_what_a_durable_session_keeps(self):
        with WebSocketClient(self.url) as sleeper:
            self.assertFalse(sleeper.operate(op="session", name="sleeper")["resumed"])
            sleeper.operate(op="subscribe", filter="kept", qos=1)
        with WebSocketClient(self.url) as client:
            refusal = client.operate(op="hello", name="sleeper")
            self.assertEqual((refusal["op"], refusal["code"]), ("error", "name_kept"))
            self.assertIn("`session`", refusal["reason"])
        with WebSocketClient(self.url) as client:
            client.publish(Message("kept", b"still there", qos=1))
        with WebSocketClient(self.url) as sleeper:
            self.assertTrue(sleeper.operate(op="session", name="sleeper")["resumed"])
            self.assertEqual(sleeper.receive_fields()["data"], "still there")

    def test_bad_input_of_every_kind_is_answered_and_the_connection_goes_on(self):
        bad = ['{"op":"publish"', "[]", "null", '{"op":"nonsense","id":1}', '{"op":"subscribe","id":1,"filter":"a/#/b"}',
               '{"op":"publish","id":1,"topic":"a/+","data":""}', '{"op":"publish","id":1,"topic":"a","qos":3}', '{"op":"publish","id":1}',
               '{"op":"publish","id":1,"topic":"a","data_base64":"*"}', "[" * 1000, '{"op":"publish","id":1,"topic":"\\u0000"}']
        with WebSocketClient(self.url) as client:
            for text in bad:
                with self.subTest(text=text[:60]):
                    client.send_text(text)
                    answer = client.frame()
                    self.assertEqual(answer["op"], "error", answer)
                    self.assertTrue(answer["code"] and answer["reason"], answer)
            self.assertEqual(client.operate(op="ping")["op"], "pong")

    def test_threat_14_compression_is_not_negotiated(self):
        with WebSocketClient(self.url) as client:  # `ws` offers permessage-deflate by default
            self.assertEqual(client.opened["extensions"], "")

    def test_answers_pings_of_the_websocket_itself(self):
        with WebSocketClient(self.url) as client:
            client.node.command("ping")
            client.node.event("pong")

    def test_a_stop_closes_with_going_away(self):
        with Gateway() as gateway, WebSocketClient(f"ws://127.0.0.1:{gateway.ports['http']}/ws") as client:
            self.assertEqual(gateway.stop(), 0)
            self.assertIn(client.node.event("closed")["code"], (1001, 1012))


if __name__ == "__main__":
    unittest.main()
