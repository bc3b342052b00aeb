"""Random steps of a few MQTT clients, mostly right, sometimes slightly wrong."""
import dataclasses

from support import mqtt_packets as mqtt

CLIENTS = 3
LEVELS = ("a", "b", "a/b", "a/b/c", "/a", "a/", "a//b")
FILTERS = ("a", "a/b", "a/+", "a/#", "#", "+", "+/+", "+/b/#", "a/+/c", "/+", "a//b")
WRONG_TOPICS = ("a/+", "#", "")
WRONG_FILTERS = ("a/#/b", "a#", "", "a/b+")


@dataclasses.dataclass
class Step:
    client: int
    packet: bytes
    text: str
    version: int = mqtt.V5
    opens: bool = False
    cuts: bool = False
    wrong: str = ""


class Steps:
    """`place` keeps the topics and names of one sequence apart from those of others."""

    def __init__(self, chance, place):
        self.chance, self.place = chance, place
        self._version_of = [chance.choice((mqtt.V3_1_1, mqtt.V5)) for _ in range(CLIENTS)]
        self.versions = {}  # of those that are connected
        self.authors = {}   # payload: client
        self.wills = {}     # the same, of wills
        self._options = {}  # (client, filter): No Local and Retain As Published
        self._next_id = {}
        self._count = 0

    def next(self):
        client = self.chance.randrange(CLIENTS)
        if client not in self.versions:
            return self._connect(client)
        if self.chance.random() < 0.06:
            return self._wrong(client)
        kinds = {self._publish: 10, self._subscribe: 6, self._unsubscribe: 2, self._leave: 1, self._cut: 1, self._connect: 1}
        return self.chance.choices(list(kinds), list(kinds.values()))[0](client)

    def learn(self, step, heard):
        """Who is connected after it."""
        if step.opens and ("connack", 0) in [answer[:2] for answer in heard[step.client].answers]:
            self.versions[step.client] = step.version
        for client, each in heard.items():
            if each.ended:
                self.versions.pop(client, None)
        if step.cuts:
            self.versions.pop(step.client, None)

    def _step(self, client, packet, text, **fields):
        version = self.versions.get(client, mqtt.V5)
        return Step(client, packet, f"client {client} (MQTT {version}): {text}", **{"version": version, **fields})

    def _topic(self):
        return f"{self.place}/{self.chance.choice(LEVELS)}"

    def _filter(self):
        return f"{self.place}/{self.chance.choice(FILTERS)}"

    def _identifier(self, client):
        self._next_id[client] = self._next_id.get(client, 0) % 50 + 1
        return self._next_id[client]

    def _payload(self, client):
        self._count += 1
        payload = f"{self.place} {self._count}".encode()
        self.authors[payload] = client
        return payload

    def _filter_options(self, client, filter):
        """Always the same for one filter: mosquitto 2.0.11 does not replace them (5.0 3.8.4-3)."""
        chosen = self.chance.choice((0, 0x04)) | self.chance.choice((0, 0x08))
        return self._options.setdefault((client, filter), chosen) | self.chance.choice((0, 0x10, 0x20))

    def _qos(self):
        return self.chance.randrange(3)

    def _connect(self, client):
        version = self._version_of[client]
        options = {"clean": self.chance.random() < 0.5}
        if version == mqtt.V5 and self.chance.random() < 0.7:
            options["session_expiry"] = 600
        if self.chance.random() < 0.3:
            options["will"] = mqtt.Will(self._topic(), self._payload(client), self._qos(), self.chance.random() < 0.3)
            self.wills[options["will"].payload] = client
        packet = mqtt.connect(version, f"{self.place}-{client}", **options)
        return Step(client, packet, f"client {client}: CONNECT {version} {options}", version, opens=True)

    def _publish(self, client):
        version, qos, retain = self.versions[client], self._qos(), self.chance.random() < 0.25
        topic, payload = self._topic(), b"" if self.chance.random() < 0.05 else self._payload(client)
        values = self._properties() if version == mqtt.V5 else {}
        packet = mqtt.publish(version, topic, payload, qos, self._identifier(client) if qos else None, retain, **values)
        return self._step(client, packet, f"PUBLISH {topic} {payload} QoS {qos} retain {retain} {values}")

    def _properties(self):
        said = {"content_type": "text/plain", "correlation_data": b"\x01\x02", "response_topic": "re/ply", "payload_format": 1,
                "user_property": [("b", "2"), ("a", "1")], "message_expiry": 1000}
        return {name: value for name, value in said.items() if self.chance.random() < 0.2}

    def _subscribe(self, client):
        version, filters = self.versions[client], []
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            filter = self._filter()
            filters.append((filter, self._qos() | (self._filter_options(client, filter) if version == mqtt.V5 else 0)))
        values = {"subscription_id": self.chance.randrange(1, 500)} if version == mqtt.V5 and self.chance.random() < 0.4 else {}
        return self._step(client, mqtt.subscribe(version, self._identifier(client), *filters, **values), f"SUBSCRIBE {filters} {values}")

    def _unsubscribe(self, client):
        filters = [self._filter() for _ in range(self.chance.choice((1, 2)))]
        return self._step(client, mqtt.unsubscribe(self.versions[client], self._identifier(client), *filters), f"UNSUBSCRIBE {filters}")

    def _leave(self, client):
        reason = self.chance.choice((0, 4)) if self.versions[client] == mqtt.V5 else 0
        return self._step(client, mqtt.disconnect(self.versions[client], reason), f"DISCONNECT {reason}")

    def _cut(self, client):
        return self._step(client, b"", "is cut off", cuts=True)

    def _wrong(self, client):
        version = self.versions[client]
        packets = {
            "flags": mqtt.packet(self.chance.choice((mqtt.SUBSCRIBE, mqtt.UNSUBSCRIBE)), 0, b"\0\1\0"),
            "flags of an answer": mqtt.acknowledge(version, mqtt.PUBCOMP, 77, flags=2),
            "identifier": mqtt.publish(version, self._topic(), b"x", 1, 0),
            "qos": mqtt.publish(version, self._topic(), b"x", 3, 1),
            "topic": mqtt.publish(version, self.chance.choice(WRONG_TOPICS), b"x"),
            "filter": mqtt.subscribe(version, self._identifier(client), (self.chance.choice(WRONG_FILTERS), 1)),
            "options": mqtt.subscribe(version, self._identifier(client), (self._filter(), 0xC0)),
            "connect": mqtt.connect(version, f"{self.place}-{client}"),
            "length": mqtt.packet(mqtt.SUBSCRIBE, 2, b"\0"),
            "empty": mqtt.subscribe(version, self._identifier(client)),
            "kind": mqtt.packet(mqtt.CONNACK, 0, b"\0\0"),
            "pubrel": mqtt.acknowledge(version, mqtt.PUBREL, 77),
            "auth": mqtt.packet(mqtt.AUTH, 0, b""),
            "text": mqtt.publish(version, b"\xff\xfe", b"x"),
        }
        wrong = self.chance.choice(list(packets))
        return self._step(client, packets[wrong], f"wrong {wrong}: {packets[wrong].hex()}", wrong=wrong)
