"""Receives everything under a filter, keeps to the handshakes across connections, and notes what comes twice or out of order."""
import asyncio
import collections

from load.client import Client, identifier
from support import mqtt_packets as mqtt

SUBSCRIBE_ID = 65_535


class Subscriber(Client):
    """`pause_seconds`: acknowledges only so long after a message, one after the other."""

    def __init__(self, name, filter, qos, pause_seconds=0, **options):
        super().__init__(name, **options)
        self.filter, self.qos, self.pause_seconds = filter, qos, pause_seconds
        self.subscribed = asyncio.Event()
        self.received = collections.defaultdict(set)  # publisher: numbers
        self.repeated = 0                             # at QoS 1, where that may be
        self._held = set()                            # QoS 2 identifiers between PUBREC and PUBREL
        self._last = {}                               # (publisher, topic): number

    def opened(self, session_present):
        if not session_present:
            self._held.clear()
            self.say(mqtt.subscribe(mqtt.V5, SUBSCRIBE_ID, (self.filter, self.qos)))

    def packet(self, first, body):
        kind = first >> 4
        if kind == mqtt.PUBLISH:
            self._message(first, body)
        elif kind == mqtt.PUBREL:
            self._held.discard(identifier(body))
            self.say(mqtt.acknowledge(mqtt.V5, mqtt.PUBCOMP, identifier(body)))
        elif kind == mqtt.SUBACK:
            self.subscribed.set()

    def _message(self, first, body):
        qos, dup = first >> 1 & 3, bool(first & 8)
        size = identifier(body)
        topic, at = body[2:2 + size], 2 + size
        packet_id = identifier(body[at:at + 2]) if qos else 0
        at += 2 if qos else 0
        publisher, number = body[at + 1 + body[at]:].split()
        if qos == 2 and packet_id in self._held:
            if not dup:
                self.faults.append(f"{self.name}: identifier {packet_id} used again before its release")
        else:
            self._note(publisher.decode(), int(number), topic, qos, dup)
        if qos == 2:
            self._held.add(packet_id)
        if qos:
            self._answer(mqtt.acknowledge(mqtt.V5, mqtt.PUBACK if qos == 1 else mqtt.PUBREC, packet_id))

    def _note(self, publisher, number, topic, qos, dup):
        if number in self.received[publisher]:
            self.repeated += 1
            if qos == 2:
                self.faults.append(f"{self.name}: {publisher} {number} came twice at QoS 2, DUP {dup}")
            return
        self.received[publisher].add(number)
        if number < self._last.get((publisher, topic), -1):
            self.faults.append(f"{self.name}: {publisher} {number} after {self._last[publisher, topic]}")
        self._last[publisher, topic] = number

    def _answer(self, packet):
        if not self.pause_seconds:
            return self.say(packet)
        transport = self._transport
        asyncio.get_running_loop().call_later(self.pause_seconds, lambda: transport is self._transport and transport.write(packet))
        return None

    def missing(self, publisher):
        return publisher.acknowledged - self.received[publisher.name]
