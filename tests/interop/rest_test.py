"""REST through curl, and server-sent events through the npm package `eventsource`."""
import json
import subprocess
import threading
import unittest

from support.clients import CurlClient, EventSourceClient, PahoClient, WebSocketClient
from support.gateway import Gateway
from support.message import Message


class Rest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway())
        cls.curl = CurlClient(cls.gateway.url())

    def mqtt(self):
        return PahoClient(self.gateway.ports["mqtt"])

    def websocket(self):
        return WebSocketClient(f"ws://127.0.0.1:{self.gateway.ports['http']}/ws")

    def test_a_plain_body_is_published(self):
        with self.mqtt() as subscriber:
            subscriber.subscribe("plain/#")
            done = subprocess.run(["curl", "-fsS", "-d", "hello", self.gateway.url("/v1/topics/plain/a")], capture_output=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            received = subscriber.receive()
        self.assertEqual((received.topic, received.payload, received.content_type), ("plain/a", b"hello", None))

    def test_everything_about_a_message_survives(self):
        sent = Message("rest/every thing/ü", b"\0\xff\r\n", "application/x-test", [("a", "1"), ("b", "ü=%")], "answers/rest", b"c-1", 1)
        with self.mqtt() as subscriber:
            subscriber.subscribe("rest/#")
            self.curl.publish(sent)
            self.assertEqual(subscriber.receive().meaning(), sent.meaning())

    def test_a_retained_value_is_read_bare(self):
        self.curl.publish(Message("retained/bare", b"\0\xff", "application/x-test", [("a", "1")], qos=1, retain=True))
        status, headers, body = self.curl.call("GET", "/v1/topics/retained/bare")
        self.assertEqual((status, body, headers["content-type"]), (200, b"\0\xff", ["application/x-test"]))

    def test_a_wildcard_reads_an_array_of_messages(self):
        for name in "ab":
            self.curl.publish(Message(f"many/{name}", name.encode(), retain=True))
        status, _, body = self.curl.call("GET", "/v1/topics/many/%2B")
        self.assertEqual(status, 200)
        self.assertEqual(sorted((m["topic"], m["data"]) for m in json.loads(body)), [("many/a", "a"), ("many/b", "b")])

    def test_nothing_retained_is_a_problem_that_says_what_to_do(self):
        status, headers, body = self.curl.call("GET", "/v1/topics/nothing/here")
        self.assertEqual((status, headers["content-type"]), (404, ["application/problem+json"]))
        for advice in (b"retain=1", b"wait=30s"):
            self.assertIn(advice, body)

    def test_long_polling_ends_with_the_next_message(self):
        answers = []
        poll = threading.Thread(target=lambda: answers.append(self.curl.call("GET", "/v1/topics/polled?wait=25s")))
        poll.start()
        while poll.is_alive():  # nobody tells when the poll stands: publish until it ends
            self.curl.publish(Message("polled", b"news"))
            poll.join(0.05)
        status, _, body = answers[0]
        self.assertEqual((status, body), (200, b"news"))

    def test_request_is_answered_by_a_websocket_client(self):
        with self.websocket() as responder:
            responder.subscribe("service/rest")
            answers = []
            call = threading.Thread(target=lambda: answers.append(self.curl.call("POST", "/v1/requests/service/rest?timeout=20s", b"question")))
            call.start()
            request = responder.receive_fields()
            address = {key: request[key] for key in ("reply_to", "correlation", "correlation_base64") if key in request}
            responder.operate(op="reply", data="answer to " + request["data"], **address)
            call.join()
        status, _, body = answers[0]
        self.assertEqual((status, body), (200, b"answer to question"))

    def test_request_without_an_answer_times_out(self):
        status, headers, _ = self.curl.call("POST", "/v1/requests/nobody?timeout=100ms", b"?")
        self.assertIn(status, (404, 504))
        self.assertEqual(headers["content-type"], ["application/problem+json"])

    def test_errors_are_problems(self):
        for method, path, expected in (("GET", "/v1/nonsense", (404,)), ("DELETE", "/v1/topics/a", (405,)), ("POST", "/v1/topics/a%2B", (400,)),
                                       ("POST", "/v1/topics/a?qos=9", (400,)), ("GET", "/v1/topics/a/%23/b", (400,)),
                                       ("POST", "/v1/topics/a?retian=1", (400,)), ("POST", "/v1/topics/%ff", (400,))):
            with self.subTest(method=method, path=path):
                status, headers, body = self.curl.call(method, path, b"")
                self.assertIn(status, expected, body)
                self.assertEqual(headers["content-type"], ["application/problem+json"])

    def test_event_source_receives_messages(self):
        with EventSourceClient(self.gateway.url()) as events, self.mqtt() as publisher:
            events.subscribe("sse/#")
            sent = Message("sse/a", b"line one\nline two\r\nid: 7\n\ndata: not an event", "text/plain", [("a", "1")], "answers/sse", b"c", 1)
            publisher.publish(sent)
            self.assertEqual(events.receive().meaning(), sent.meaning())
            publisher.publish(Message("sse/b", b"\xff\0", qos=1))
            self.assertEqual(events.receive().payload, b"\xff\0")

    def test_event_stream_through_curl(self):
        with subprocess.Popen(["curl", "-sSN", "-H", "Accept: text/event-stream", self.gateway.url("/v1/topics/stream/%23")],
                              stdout=subprocess.PIPE) as stream, self.mqtt() as publisher:
            received = threading.Event()

            def publish():
                while not received.wait(0.05):
                    publisher.publish(Message("stream/a", b"x", qos=1))

            thread = threading.Thread(target=publish)
            thread.start()
            line = next(line for line in stream.stdout if line.startswith(b"data:"))
            received.set()
            thread.join()
            stream.terminate()
            stream.stdout.read()
        self.assertEqual(json.loads(line[5:])["topic"], "stream/a")


if __name__ == "__main__":
    unittest.main()
