"""MQTT: a request is a publish there."""
from support import mqtt_packets
from support.deniable import Gone, connected
from support.mqtt_client import Client as Wire

VERBS = {"connect", "publish", "subscribe", "receive", "presence", "retained", "shared", "dead_letter", "history", "will"}


class Client:
    def __init__(self, ports, user, password, tls=None, will=None, client_id="", expiry=0):
        self._wire = Wire(0, connection=connected(ports["mqtt"], tls))
        self._messages = []
        self._id = 0
        shown = {"username": user, "password": password} if user else {}
        self._wire.send(mqtt_packets.connect(client_id=client_id, will=will and mqtt_packets.Will(*will), session_expiry=expiry, clean=not expiry, **shown))
        if self._read().reason != 0:
            raise Gone("CONNACK")

    def _read(self):
        packet = self._wire.read()
        if packet is None or packet.kind == mqtt_packets.DISCONNECT:
            raise Gone("DISCONNECT")
        return packet

    def _answer(self, kind):
        while (packet := self._read()).kind != kind:
            self._messages.append(packet)
        return packet

    def _next_id(self):
        self._id += 1
        return self._id

    def publish(self, topic, payload=b"x", retain=False):
        self._wire.send(mqtt_packets.publish(5, topic, payload, 1, self._next_id(), retain=retain))
        return self._answer(mqtt_packets.PUBACK).reason in (0, 0x10)

    def subscribe(self, filter):
        self._wire.send(mqtt_packets.subscribe(5, self._next_id(), (filter, 1)))
        return self._answer(mqtt_packets.SUBACK).codes[0] < 0x80

    def recall(self, filter):
        self._wire.send(mqtt_packets.subscribe(5, self._next_id(), (filter, 1), user_property=[("junctor-history", "first")]))
        return self._answer(mqtt_packets.SUBACK).codes[0] < 0x80

    def receive(self):
        packet = self._messages.pop(0) if self._messages else self._answer(mqtt_packets.PUBLISH)
        if packet.qos:
            self._wire.acknowledge(mqtt_packets.PUBACK, packet.packet_id)
        return packet.topic.decode()

    def alive(self):
        self._wire.send(b"\xc0\x00")
        self._answer(mqtt_packets.PINGRESP)
        return True

    def cut(self):
        self._wire.cut()
