"""Publishes numbered messages and remembers how far the server has said that it has them."""
import dataclasses

from load.client import Client, identifier
from support import mqtt_packets as mqtt

MOST_IN_FLIGHT = 500


@dataclasses.dataclass
class Outstanding:
    number: int
    received: bool = False  # QoS 2: the server has it, its release is due


class Publisher(Client):
    """Message `n` goes to `topics[n % len(topics)]` with the payload `<name> <n>`."""

    def __init__(self, name, qos, topics, retain=False):
        super().__init__(name)
        self.qos, self.topics, self.retain = qos, topics, retain
        self.target = self.next_number = 0
        self.acknowledged = set()
        self.highest = {topic: -1 for topic in topics}  # number that was acknowledged
        self.refused = 0
        self.out = {}  # packet identifier: Outstanding, in the order of sending
        self._last_id = 0

    @property
    def done(self):
        return self.next_number >= self.target and not self.out

    def raise_target(self, count):
        self.target += count
        self.pump()
        self.flush()

    def pump(self):
        if not self.connack:
            return
        window = min(MOST_IN_FLIGHT, self.connack.properties.get("receive_maximum", 65_535))
        while self.next_number < self.target and len(self.out) < window:
            packet_id = self._free_id()
            self.out[packet_id] = Outstanding(self.next_number)
            self.next_number += 1
            self._send(packet_id, False)

    def _free_id(self):
        while True:
            self._last_id = self._last_id % 65_535 + 1
            if self._last_id not in self.out:
                return self._last_id

    def _send(self, packet_id, dup):
        number = self.out[packet_id].number
        topic = self.topics[number % len(self.topics)]
        self.say(mqtt.publish(mqtt.V5, topic, f"{self.name} {number}".encode(), self.qos, packet_id, self.retain, dup))

    def opened(self, session_present):
        if not session_present:
            for packet_id, each in self.out.items():
                each.received = False
        for packet_id, each in self.out.items():
            if each.received:
                self.say(mqtt.acknowledge(mqtt.V5, mqtt.PUBREL, packet_id))
            else:
                self._send(packet_id, True)
        self.pump()

    def packet(self, first, body):
        kind, packet_id = first >> 4, identifier(body)
        reason = body[2] if len(body) > 2 else 0
        each = self.out.get(packet_id)
        if each is None:
            self.faults.append(f"{self.name}: answer {kind} for nothing")
        elif reason >= 0x80 and kind in (mqtt.PUBACK, mqtt.PUBREC):
            self.refused += 1
            del self.out[packet_id]
        elif kind == mqtt.PUBREC:
            self._take(each.number)
            each.received = True
            self.say(mqtt.acknowledge(mqtt.V5, mqtt.PUBREL, packet_id))
        elif kind in (mqtt.PUBACK, mqtt.PUBCOMP):
            self._take(each.number)
            del self.out[packet_id]
        self.pump()

    def _take(self, number):
        self.acknowledged.add(number)
        topic = self.topics[number % len(self.topics)]
        self.highest[topic] = max(self.highest[topic], number)
