"""One of the two servers of a differential run: plays a step for one of its clients and collects what every client then hears."""
import dataclasses

from support import mqtt_packets as mqtt
from support.mqtt_client import Client

PING = mqtt.packet(mqtt.PINGREQ, 0, b"")
OURS = ("receive_maximum", "topic_alias_maximum", "maximum_packet_size", "server_keep_alive", "reason_string", "assigned_client_id")


class Side:
    def __init__(self, port):
        self.port = port
        self.clients = {}  # number: Client

    def play(self, step):
        """{client: Heard} in a form in which two servers can be compared."""
        if step.opens and step.client in self.clients:
            self.clients.pop(step.client).cut()
        if step.opens:
            self.clients[step.client] = Client(self.port, step.version)
        heard = {number: [] for number in self.clients}
        client = self.clients[step.client]
        if step.cuts:
            client.cut()
            self.clients.pop(step.client)
        else:
            client.send(step.packet)
        # Whoever acts has been heard before the others are asked what came of it; twice, as answers to answers follow.
        for _ in range(2):
            for number in sorted(self.clients, key=lambda each: each != step.client):
                heard[number] += self._hear(number)
        return {number: normalised(packets) for number, packets in heard.items()}

    def _hear(self, number):
        client, heard = self.clients[number], []
        try:
            client.send(PING)
            while (got := client.read()) is None or got.kind != mqtt.PINGRESP:
                heard.append(got)
                if got is None:
                    self.clients.pop(number).cut()
                    break
                self._acknowledge(client, got)
        except ConnectionError:
            self.clients.pop(number).cut()
            heard.append(None)
        return heard

    def _acknowledge(self, client, got):
        if got.kind == mqtt.PUBLISH and got.qos:
            client.acknowledge(mqtt.PUBACK if got.qos == 1 else mqtt.PUBREC, got.packet_id)
        if got.kind == mqtt.PUBREL:
            client.acknowledge(mqtt.PUBCOMP, got.packet_id)
        if got.kind == mqtt.PUBREC and got.reason < 0x80:
            client.acknowledge(mqtt.PUBREL, got.packet_id)

    def end(self):
        for client in self.clients.values():
            client.cut()


def normalised(packets):
    """Without what each server may choose: limits, identifiers, the order between topics, how it ends a connection, and in how many
    copies a message comes that several subscriptions match (5.0 3.3.4-4 and 3.3.4-5)."""
    answers, messages = set(), {}
    for packet in packets:
        if packet is None or packet.kind == mqtt.DISCONNECT:
            answers.add(("end",))
        elif packet.kind == mqtt.PUBLISH:
            add_copy(messages, packet)
        elif packet.kind == mqtt.CONNACK:
            answers.add(("connack", packet.reason, packet.session_present, without(packet.properties, OURS)))
        elif packet.kind in (mqtt.SUBACK, mqtt.UNSUBACK):
            answers.add((packet.kind, packet.packet_id, *packet.codes))
        elif packet.kind != mqtt.PUBREL:
            answers.add((packet.kind, packet.packet_id, packet.reason))
    return Heard(sorted(answers, key=repr), messages)


def without(properties, names):
    return repr(sorted((name, value) for name, value in properties.items() if name not in names))


def add_copy(messages, packet):
    key = (packet.topic, packet.payload, without(packet.properties, ("subscription_id", "message_expiry")))
    copy = messages.setdefault(key, Copy(0, False, set()))
    copy.qos = max(copy.qos, packet.qos)
    copy.retain |= packet.retain
    copy.identifiers |= set(packet.properties.get("subscription_id", ()))


@dataclasses.dataclass
class Copy:
    qos: int
    retain: bool
    identifiers: set


@dataclasses.dataclass
class Heard:
    """By one client after one step: what was said to it, and its messages."""

    answers: list
    messages: dict

    @property
    def ended(self):
        return ("end",) in self.answers
