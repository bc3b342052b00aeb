"""One class per real client, all with the same few methods: publish(Message), subscribe(filter), receive() -> Message, close()."""
import base64
import json
import queue
import ssl
import subprocess
import urllib.parse

import paho.mqtt.client as paho
import zmq
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from support.message import Message, describing_fields, from_json, from_zeromq, header_pairs, to_json
from support.node import NodeClient

WAIT_SECONDS = 30


class Client:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class PahoClient(Client):
    """Paho for Python. Waits for every acknowledgement."""

    def __init__(self, port, version=paho.MQTTv5, client_id="", ca=None, will=None, transport="tcp"):
        self.version = version
        session = {} if version == paho.MQTTv5 else {"clean_session": True}
        self.client = paho.Client(client_id=client_id, protocol=version, transport=transport, **session)
        self.events = {name: queue.SimpleQueue() for name in ("connect", "subscribe", "unsubscribe", "publish", "message")}
        self.client.on_connect = lambda c, u, flags, reason, *p: self.events["connect"].put((reason, p[0] if p else None))
        self.client.on_subscribe = lambda c, u, mid, codes, *p: self.events["subscribe"].put([getattr(code, "value", code) for code in codes])
        self.client.on_unsubscribe = lambda c, u, mid, *p: self.events["unsubscribe"].put(mid)
        self.client.on_publish = lambda c, u, mid: self.events["publish"].put(mid)
        self.client.on_message = lambda c, u, message: self.events["message"].put(message)
        self.client.max_inflight_messages_set(1000)
        if ca:
            self.client.tls_set(ca_certs=str(ca), tls_version=ssl.PROTOCOL_TLS_CLIENT)
        if will:
            self.client.will_set(will.topic, will.payload, will.qos, will.retain)
        self.client.connect("localhost" if ca else "127.0.0.1", port, keepalive=60)
        self.client.loop_start()
        reason, self.connack_properties = self._wait("connect")
        self.connack = getattr(reason, "value", reason)

    def _wait(self, name, seconds=WAIT_SECONDS):
        try:
            return self.events[name].get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"Paho: no {name} within {seconds} s") from None

    def subscribe(self, filter, qos=1):
        self.client.subscribe(filter, qos)
        return self._wait("subscribe")

    def unsubscribe(self, filter):
        self.client.unsubscribe(filter)
        self._wait("unsubscribe")

    def _properties(self, message):
        if self.version != paho.MQTTv5:
            return {}
        properties = Properties(PacketTypes.PUBLISH)
        if message.content_type:
            properties.ContentType = message.content_type
        if message.headers:
            properties.UserProperty = message.headers
        if message.reply_to:
            properties.ResponseTopic = message.reply_to
        if message.correlation:
            properties.CorrelationData = message.correlation
        return {"properties": properties}

    def publish(self, message):
        self.client.publish(message.topic, message.payload, message.qos, message.retain, **self._properties(message))
        self._wait("publish")

    def receive(self, seconds=WAIT_SECONDS):
        got = self._wait("message", seconds)
        properties = getattr(got, "properties", None)
        return Message(got.topic, got.payload, getattr(properties, "ContentType", None), list(getattr(properties, "UserProperty", [])),
                       getattr(properties, "ResponseTopic", None), getattr(properties, "CorrelationData", None), got.qos, bool(got.retain))

    def vanish(self):
        """Ends the connection without a goodbye."""
        self.client.socket().close()

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


class MqttJsClient(Client):
    def __init__(self, url, **options):
        self.node = NodeClient("mqtt_client.js", url=url, **options)
        self.connack = self.node.event("connected")

    def subscribe(self, filter, qos=1):
        self.node.command("subscribe", filter=filter, qos=qos)
        return [grant["qos"] for grant in self.node.event("subscribed")["granted"]]

    def publish(self, message):
        properties = {}
        if message.content_type:
            properties["contentType"] = message.content_type
        if message.headers:
            properties["userProperties"] = dict(message.headers)
        if message.reply_to:
            properties["responseTopic"] = message.reply_to
        if message.correlation:
            properties["correlationData"] = base64.b64encode(message.correlation).decode()
        self.node.command("publish", topic=message.topic, payload=base64.b64encode(message.payload).decode(), qos=message.qos,
                          retain=message.retain, properties=properties)
        self.node.event("published")

    def receive(self, seconds=WAIT_SECONDS):
        got = self.node.event("message", seconds)
        properties = got["properties"]
        correlation = properties.get("correlationData")
        return Message(got["topic"], base64.b64decode(got["payload"]), properties.get("contentType"),
                       header_pairs(properties.get("userProperties", {})), properties.get("responseTopic"),
                       correlation and base64.b64decode(correlation), got["qos"], got["retain"])

    def close(self):
        self.node.close()


class WebSocketClient(Client):
    """The JSON protocol through the npm package `ws`."""

    def __init__(self, url, **options):
        self.node = NodeClient("websocket_client.js", url=url, **options)
        self.opened = self.node.event("open")
        self._id = 0
        self._messages = []

    def send(self, **operation):
        self.node.command("send", text=json.dumps(operation))

    def send_text(self, text):
        self.node.command("send", text=text)

    def frame(self, seconds=WAIT_SECONDS):
        return json.loads(self.node.event("frame", seconds)["text"])

    def operate(self, **operation):
        """Sends with an id and returns its answer; deliveries that come first are kept for receive()."""
        self._id += 1
        self.send(id=self._id, **operation)
        while True:
            answer = self.frame()
            if answer["op"] != "message":
                return answer
            self._messages.append(answer)

    def subscribe(self, filter, qos=1):
        answer = self.operate(op="subscribe", filter=filter, qos=qos)
        assert answer["op"] == "ack", answer

    def publish(self, message):
        answer = self.operate(op="publish", **to_json(message))
        assert answer["op"] == "ack", answer

    def receive_fields(self, seconds=WAIT_SECONDS):
        fields = self._messages.pop(0) if self._messages else self.frame(seconds)
        assert fields["op"] == "message", fields
        return fields

    def receive(self, seconds=WAIT_SECONDS):
        return from_json(self.receive_fields(seconds))

    def close(self):
        self.node.close()


class EventSourceClient(Client):
    """Server-sent events through the npm package `eventsource`."""

    def __init__(self, base_url, **options):
        self.base_url = base_url
        self.options = options
        self.node = None

    def subscribe(self, filter, qos=1):
        url = f"{self.base_url}/v1/topics/{urllib.parse.quote(filter)}?qos={qos}"
        self.node = NodeClient("eventsource_client.js", url=url, **self.options)
        self.node.event("open")

    def receive(self, seconds=WAIT_SECONDS):
        return from_json(json.loads(self.node.event("message", seconds)["data"]))

    def close(self):
        if self.node:
            self.node.close()


class CurlClient(Client):
    """REST through curl."""

    def __init__(self, base_url, ca=None):
        self.base_url = base_url
        self.always = ["--silent", "--show-error", "--max-time", str(WAIT_SECONDS)] + (["--cacert", str(ca)] if ca else [])

    def call(self, method, path, body=None, headers=()):
        """(status, headers by lower-case name, body)"""
        command = ["curl", *self.always, "--include", "--request", method, *(word for header in headers for word in ("--header", header))]
        if body is not None:
            command += ["--data-binary", "@-"]
        done = subprocess.run([*command, self.base_url + path], input=body, capture_output=True)
        if done.returncode != 0:
            raise AssertionError(f"curl: {done.stderr.decode()}")
        return parse_answer(done.stdout)

    def publish(self, message):
        query = {"qos": message.qos, "retain": int(message.retain)}
        if message.reply_to:
            query["reply_to"] = message.reply_to
        if message.correlation:
            query["correlation"] = message.correlation
        headers = [f"Junctor-Header: {urllib.parse.quote(name)}={urllib.parse.quote(value)}" for name, value in message.headers]
        headers.append(f"Content-Type: {message.content_type}" if message.content_type else "Content-Type:")
        path = f"/v1/topics/{urllib.parse.quote(message.topic)}?{urllib.parse.urlencode(query)}"
        status, _, body = self.call("POST", path, message.payload, headers)
        assert 200 <= status < 300, (status, body)

    def close(self):
        pass


def parse_answer(output):
    head, _, body = output.partition(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.lower(), []).append(value.strip())
    return int(status.split()[1]), headers, body


class ZeromqSocket(Client):
    """A pyzmq socket that drops nothing at its own high water mark."""

    kind = None

    def __init__(self, port):
        self.socket = zmq.Context.instance().socket(self.kind)
        self.socket.set_hwm(0)
        self.socket.linger = 2000
        self.socket.rcvtimeo = self.socket.sndtimeo = WAIT_SECONDS * 1000
        self.socket.connect(f"tcp://127.0.0.1:{port}")

    def receive_frames(self, seconds=WAIT_SECONDS):
        if not self.socket.poll(int(seconds * 1000)):
            raise AssertionError(f"ZeroMQ: nothing within {seconds} s")
        return self.socket.recv_multipart()

    def close(self):
        self.socket.close()


class ZeromqPublisher(ZeromqSocket):
    """XPUB: a PUB socket that shows when the gateway has subscribed; what is sent earlier is dropped on this side."""

    kind = zmq.XPUB

    def __init__(self, port):
        super().__init__(port)
        self.receive_frames()

    def publish(self, message):
        fields = describing_fields(message)
        frames = [message.topic.encode(), message.payload] + ([json.dumps(fields).encode()] if fields else [])
        self.socket.send_multipart(frames)


class ZeromqSubscriber(ZeromqSocket):
    """SUB. Nobody acknowledges its subscription: `await_subscription` publishes through another client until something arrives."""

    kind = zmq.SUB

    def subscribe_prefix(self, prefix):
        self.socket.subscribe(prefix)

    def await_subscription(self, publisher, topic):
        while not self.socket.poll(50):
            publisher.publish(Message(topic, b"probe"))
        while self.socket.poll(50):
            self.socket.recv_multipart()

    def receive(self, seconds=WAIT_SECONDS):
        return from_zeromq(self.receive_frames(seconds))


class ZeromqDealer(ZeromqSocket):
    """The request door: `[op][id][topic or filter][body][headers]`."""

    kind = zmq.DEALER

    def __init__(self, port):
        super().__init__(port)
        self._id = 0
        self._messages = []

    def operate(self, op, topic=b"", body=b"", fields=None):
        """Sends with an id and returns the frames of its answer."""
        self._id += 1
        frame_id = str(self._id).encode()
        self.socket.send_multipart([op, frame_id, topic, body] + ([json.dumps(fields).encode()] if fields else []))
        while True:
            answer = self.receive_frames()
            if answer[0] not in (b"message", b"request"):
                return answer
            self._messages.append(answer)

    def subscribe(self, filter, qos=1):
        answer = self.operate(b"subscribe", filter.encode(), fields={"qos": qos})
        assert answer[0] == b"ack", answer

    def publish(self, message):
        answer = self.operate(b"publish", message.topic.encode(), message.payload, describing_fields(message))
        assert answer[0] == b"ack", answer

    def receive(self, seconds=WAIT_SECONDS):
        frames = self._messages.pop(0) if self._messages else self.receive_frames(seconds)
        assert frames[0] in (b"message", b"request"), frames
        return from_zeromq(frames[2:])
