"""Fast publishers and subscribers of the four protocols over plain sockets, for counts that client libraries take long for."""
import base64
import http.client
import json
import struct

import zmq

from support import raw

WAIT_SECONDS = 120


class MqttPublisher:
    def __init__(self, gateway, qos=1):
        self.qos = qos
        self.connection = raw.mqtt_session(gateway.ports["mqtt"], "stream-publisher")
        self.sent = self.acknowledged = 0

    def publish(self, topic, payload):
        if self.qos == 0:
            return self.connection.sendall(raw.mqtt_packet(0x30, raw.mqtt_text(topic) + b"\0" + payload))
        packet_id = self.sent % 60_000 + 1
        self.connection.sendall(raw.mqtt_packet(0x32, raw.mqtt_text(topic) + struct.pack(">H", packet_id) + b"\0" + payload))
        self.sent += 1
        if self.sent - self.acknowledged >= 20:  # the receive maximum unless configured
            self.collect()

    def collect(self):
        """Every PUBACK that is still out."""
        while self.acknowledged < self.sent:
            first, body = raw.read_mqtt_packet(self.connection)
            assert first == 0x40 and (len(body) < 3 or body[2] < 0x80), (first, body)
            self.acknowledged += 1

    def close(self):
        self.connection.close()


class WebSocketPublisher:
    def __init__(self, gateway, qos=1):
        self.qos = qos
        self.connection = raw.websocket_session(gateway.ports["http"])
        self.sent = self.acknowledged = 0

    def publish(self, topic, payload):
        operation = {"op": "publish", "id": self.sent, "qos": self.qos, "topic": topic, "data_base64": base64.b64encode(payload).decode()}
        self.connection.sendall(raw.websocket_frame(json.dumps(operation).encode()))
        self.sent += 1
        if self.sent - self.acknowledged >= 50:
            self.collect()

    def collect(self):
        while self.acknowledged < self.sent:
            answer = json.loads(raw.read_websocket_frame(self.connection)[1])
            assert answer == {"op": "ack", "id": self.acknowledged}, answer
            self.acknowledged += 1

    def close(self):
        self.connection.close()


class RestPublisher:
    def __init__(self, gateway, qos=1):
        self.qos = qos
        self.connection = http.client.HTTPConnection("127.0.0.1", gateway.ports["http"], timeout=WAIT_SECONDS)

    def publish(self, topic, payload):
        self.connection.request("POST", f"/v1/topics/{topic}?qos={self.qos}", payload)
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status < 300, answer.status

    def collect(self):
        pass

    def close(self):
        self.connection.close()


class ZeromqStream:
    """`options` are set before it connects."""

    def __init__(self, kind, port, **options):
        self.socket = zmq.Context.instance().socket(kind)
        self.socket.set_hwm(0)
        self.socket.linger = 2000
        self.socket.rcvtimeo = WAIT_SECONDS * 1000
        for name, value in options.items():
            setattr(self.socket, name, value)
        self.socket.connect(f"tcp://127.0.0.1:{port}")

    def close(self):
        self.socket.close()


class ZeromqPublisher(ZeromqStream):
    def __init__(self, gateway, qos=1):
        self.fields = b'{"qos":%d}' % qos
        super().__init__(zmq.XPUB, gateway.ports["pub"])
        self.socket.recv()  # the gateway's subscription: from now on nothing is dropped here

    def publish(self, topic, payload):
        self.socket.send_multipart([topic.encode(), payload, self.fields])

    def collect(self):
        pass


class MqttSubscriber:
    def __init__(self, gateway, topic):
        self.connection = raw.mqtt_session(gateway.ports["mqtt"], "stream-subscriber")
        self.reader = self.connection.makefile("rb", 1 << 20)
        self.connection.sendall(raw.mqtt_subscribe([topic], qos=1))
        assert self._packet()[0] == 0x90

    def _packet(self):
        first = self.reader.read(1)[0]
        length = shift = 0
        while True:
            digit = self.reader.read(1)[0]
            length |= (digit & 0x7F) << shift
            shift += 7
            if not digit & 0x80:
                return first, self.reader.read(length)

    def receive(self):
        first, body = self._packet()
        assert first >> 4 == 3, (first, body)
        at = 2 + struct.unpack(">H", body[:2])[0]
        if first & 0x06:
            self.connection.sendall(raw.mqtt_packet(0x40, body[at:at + 2]))
            at += 2
        return body[at + 1 + body[at]:]

    def close(self):
        self.reader.close()
        self.connection.close()


class WebSocketSubscriber:
    def __init__(self, gateway, topic):
        self.connection = raw.websocket_session(gateway.ports["http"])
        self.reader = self.connection.makefile("rb", 1 << 20)
        self.connection.sendall(raw.websocket_frame(json.dumps({"op": "subscribe", "id": 1, "filter": topic, "qos": 1}).encode()))
        assert self._frame()["op"] == "ack"

    def _frame(self):
        first, length = self.reader.read(2)
        assert first == 0x81, first
        if length == 126:
            length = struct.unpack(">H", self.reader.read(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self.reader.read(8))[0]
        return json.loads(self.reader.read(length))

    def receive(self):
        fields = self._frame()
        assert fields["op"] == "message", fields
        return base64.b64decode(fields["data_base64"])

    def close(self):
        self.reader.close()
        self.connection.close()


class EventSubscriber:
    def __init__(self, gateway, topic):
        self.connection = http.client.HTTPConnection("127.0.0.1", gateway.ports["http"], timeout=WAIT_SECONDS)
        self.connection.request("GET", f"/v1/topics/{topic}?qos=1", headers={"Accept": "text/event-stream"})
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.status

    def receive(self):
        while True:
            line = self.answer.readline()
            assert line, "the stream ended"
            if line.startswith(b"data:"):
                return base64.b64decode(json.loads(line[5:])["data_base64"])

    def close(self):
        self.connection.close()


class ZeromqSubscriber(ZeromqStream):
    def __init__(self, gateway, topic):
        super().__init__(zmq.SUB, gateway.ports["sub"])
        self.socket.subscribe(topic)
        while not self.socket.poll(20):  # nobody acknowledges: until a probe comes through
            raw.post(gateway, topic, b"probe")

    def receive(self):
        while True:
            payload = self.socket.recv_multipart()[1]
            if payload != b"probe":
                return payload


PUBLISHERS = {"mqtt": MqttPublisher, "websocket": WebSocketPublisher, "rest": RestPublisher, "zeromq": ZeromqPublisher}
SUBSCRIBERS = {"mqtt": MqttSubscriber, "websocket": WebSocketSubscriber, "rest": EventSubscriber, "zeromq": ZeromqSubscriber}
