"""Who asks and who answers, in every protocol that can."""
import json
import threading

from support.clients import CurlClient, PahoClient, WebSocketClient, ZeromqDealer
from support.message import Message, describing_fields, from_json, to_json

TOPIC = "service/sum"


class MqttResponder(PahoClient):
    qos = 1

    def answer(self, request, body):
        self.publish(Message(request.reply_to, body, "text/plain", correlation=request.correlation, qos=self.qos))


class CarelessMqttResponder(MqttResponder):
    """For a backend that knows no better."""
    qos = 0


class WebSocketResponder(WebSocketClient):
    def answer(self, request, body):
        fields = to_json(Message("", body, "text/plain", correlation=request.correlation))
        del fields["topic"]
        answer = self.operate(op="reply", reply_to=request.reply_to, **fields)
        assert answer["op"] == "ack", answer


class ZeromqResponder(ZeromqDealer):
    def answer(self, request, body):
        fields = describing_fields(Message("", b"", "text/plain", correlation=request.correlation))
        answer = self.operate(b"reply", request.reply_to.encode(), body, fields)
        assert answer[0] == b"ack", answer


def mqtt_request(gateway, body, qos=1):
    with PahoClient(gateway.ports["mqtt"]) as client:
        client.subscribe("answers/mqtt")
        client.publish(Message(TOPIC, body, reply_to="answers/mqtt", correlation=b"\0c", qos=qos))
        answer = client.receive()
        assert answer.correlation == b"\0c", answer
        return answer.payload, answer.content_type


def websocket_request(gateway, body):
    with WebSocketClient(f"ws://127.0.0.1:{gateway.ports['http']}/ws") as client:
        client.send(op="request", id="r", topic=TOPIC, data=body.decode(), timeout="20s")
        answer = client.frame()
        assert (answer["op"], answer["id"]) == ("reply", "r"), answer
        message = from_json({"topic": "", **answer})
        return message.payload, message.content_type


def rest_request(gateway, body):
    status, headers, answer = CurlClient(gateway.url()).call("POST", f"/v1/requests/{TOPIC}?timeout=20s", body)
    assert status == 200, (status, answer)
    return answer, headers["content-type"][0]


def zeromq_request(gateway, body):
    with ZeromqDealer(gateway.ports["request"]) as client:
        answer = client.operate(b"request", TOPIC.encode(), body, {"timeout": "20s"})
        while answer[0] == b"ack":
            answer = client.receive_frames()
        assert answer[0] == b"reply", answer
        return answer[3], json.loads(answer[4])["content_type"]


REQUESTERS = {"mqtt": mqtt_request, "websocket": websocket_request, "rest": rest_request, "zeromq": zeromq_request}
RESPONDERS = {
    "mqtt": lambda gateway: MqttResponder(gateway.ports["mqtt"]),
    "websocket": lambda gateway: WebSocketResponder(f"ws://127.0.0.1:{gateway.ports['http']}/ws"),
    "zeromq": lambda gateway: ZeromqResponder(gateway.ports["request"]),
}


def exchange_request(test, ask, responder):
    """`ask(body)` answers (body, content type)."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(ask(b"1+1")))
    thread.start()
    request = responder.receive()
    test.assertEqual(request.payload, b"1+1")
    test.assertTrue(request.reply_to)
    responder.answer(request, b"2")
    thread.join(60)
    test.assertEqual(answers, [(b"2", "text/plain")])
