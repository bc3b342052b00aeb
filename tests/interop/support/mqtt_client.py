"""A bare MQTT client: sends what it is told, shows every packet, and answers nothing by itself."""
import itertools
import socket

from support import mqtt_packets as mqtt
from support import raw

_names = itertools.count(1)


def unique(prefix="c"):
    """A client identifier or topic level that no other test uses."""
    return f"{prefix}{next(_names)}"


class Client:
    """Use as a context. Reads are strict: a packet that is not well formed fails the test."""

    def __init__(self, port, version=mqtt.V5, wait_seconds=10, connection=None):
        self.version = version
        self.socket = connection or raw.open_socket(port, wait_seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ids = itertools.cycle(range(1, 65536))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()

    def send(self, *packets):
        self.socket.sendall(b"".join(packets))

    def read(self):
        """The next packet; None when the server has ended the connection."""
        try:
            first = self.socket.recv(1)
            if not first:
                return None
            length = shift = 0
            while True:
                digit = raw.read_exactly(self.socket, 1)[0]
                length |= (digit & 0x7F) << shift
                shift += 7
                if not digit & 0x80:
                    assert digit or shift == 7, "a length has more bytes than it needs"
                    return mqtt.decode(self.version, first[0], raw.read_exactly(self.socket, length))
        except ConnectionError:
            return None
        except TimeoutError:
            raise AssertionError("nothing came") from None

    def expect(self, kind, **fields):
        """The next packet is of this kind and has these values."""
        got = self.read()
        assert got is not None, "the connection ended"
        assert got.kind == kind, got
        for name, value in fields.items():
            assert getattr(got, name) == value, (name, value, got)
        return got

    def expect_end(self):
        got = self.read()
        assert got is None, got

    def expect_goodbye(self, *reasons):
        """The server ends the connection: version 5 says why, others just close."""
        got = self.read()
        if self.version == mqtt.V5:
            assert got is not None and got.kind == mqtt.DISCONNECT, got
            assert not reasons or got.reason in reasons, got
            got = self.read()
        assert got is None, got

    def expect_nothing(self):
        """Everything that the server had to say has been read: the answer to a ping comes next."""
        self.send(mqtt.packet(mqtt.PINGREQ, 0, b""))
        self.expect(mqtt.PINGRESP, flags=0, body=b"")

    def drain(self):
        """Overlooks everything that the server had to say until now."""
        self.send(mqtt.packet(mqtt.PINGREQ, 0, b""))
        while self.read().kind != mqtt.PINGRESP:
            pass

    def connect(self, client_id="", **options):
        """Sends CONNECT; the CONNACK, which must say yes."""
        self.send(mqtt.connect(self.version, client_id, **options))
        return self.expect(mqtt.CONNACK, reason=0)

    def subscribe(self, *filters, **values):
        """The codes of the SUBACK. A filter is a text (QoS 0) or (text, options)."""
        packet_id = next(self._ids)
        self.send(mqtt.subscribe(self.version, packet_id, *((f, 0) if isinstance(f, (str, bytes)) else f for f in filters), **values))
        return self.expect(mqtt.SUBACK, packet_id=packet_id).codes

    def unsubscribe(self, *filters):
        packet_id = next(self._ids)
        self.send(mqtt.unsubscribe(self.version, packet_id, *filters))
        return self.expect(mqtt.UNSUBACK, packet_id=packet_id).codes

    def publish(self, topic, payload=b"", qos=0, **options):
        """Publishes and waits for the last acknowledgement; its reason. QoS 0: until the server has read it."""
        packet_id = next(self._ids) if qos else None
        self.send(mqtt.publish(self.version, topic, payload, qos, packet_id, **options))
        if qos == 0:
            self.expect_nothing()
            return 0
        if qos == 1:
            return self.expect(mqtt.PUBACK, packet_id=packet_id).reason
        if (reason := self.expect(mqtt.PUBREC, packet_id=packet_id).reason) < 0x80:
            self.send(mqtt.acknowledge(self.version, mqtt.PUBREL, packet_id))
            self.expect(mqtt.PUBCOMP, packet_id=packet_id)
        return reason

    def acknowledge(self, kind, packet_id, reason=0):
        self.send(mqtt.acknowledge(self.version, kind, packet_id, reason))

    def receive(self, **fields):
        """The next packet is a message with these values; it is acknowledged to the end."""
        got = self.expect(mqtt.PUBLISH, **fields)
        if got.qos == 1:
            self.acknowledge(mqtt.PUBACK, got.packet_id)
        if got.qos == 2:
            self.acknowledge(mqtt.PUBREC, got.packet_id)
            self.expect(mqtt.PUBREL, packet_id=got.packet_id)
            self.acknowledge(mqtt.PUBCOMP, got.packet_id)
        return got

    def leave(self, reason=0, **values):
        """A goodbye; returns when the server has closed too."""
        self.send(mqtt.disconnect(self.version, reason, **values))
        self.expect_end()
        self.socket.close()

    def cut(self):
        """Ends the connection without a goodbye."""
        self.socket.close()
