"""MQTT packets byte by byte: what a client sends, well formed or not as the test wishes, and every field of what a server answers."""
import dataclasses
import struct

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = range(1, 8)
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH = range(8, 16)
V3_1, V3_1_1, V5 = 3, 4, 5

# name: (identifier, form)
PROPERTIES = {
    "payload_format": (0x01, "byte"), "message_expiry": (0x02, "four"), "content_type": (0x03, "text"), "response_topic": (0x08, "text"),
    "correlation_data": (0x09, "data"), "subscription_id": (0x0B, "variable"), "session_expiry": (0x11, "four"),
    "assigned_client_id": (0x12, "text"), "server_keep_alive": (0x13, "two"), "authentication_method": (0x15, "text"),
    "authentication_data": (0x16, "data"), "request_problem_information": (0x17, "byte"), "will_delay": (0x18, "four"),
    "request_response_information": (0x19, "byte"), "response_information": (0x1A, "text"), "server_reference": (0x1C, "text"),
    "reason_string": (0x1F, "text"), "receive_maximum": (0x21, "two"), "topic_alias_maximum": (0x22, "two"), "topic_alias": (0x23, "two"),
    "maximum_qos": (0x24, "byte"), "retain_available": (0x25, "byte"), "user_property": (0x26, "pair"),
    "maximum_packet_size": (0x27, "four"), "wildcard_available": (0x28, "byte"),
    "subscription_id_available": (0x29, "byte"), "shared_available": (0x2A, "byte"),
}
NAMES = {identifier: (name, form) for name, (identifier, form) in PROPERTIES.items()}
REPEATED = ("user_property", "subscription_id")
SIZES = {"byte": ">B", "two": ">H", "four": ">I"}


def variable(value):
    out = b""
    while True:
        value, digit = value >> 7, value & 0x7F
        out += bytes([digit | (0x80 if value else 0)])
        if not value:
            return out


def text(value):
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(data)) + data


def number(value):
    return struct.pack(">H", value)


def packet(kind, flags, body):
    return bytes([kind << 4 | flags]) + variable(len(body)) + body


def encode_property(name, value):
    identifier, form = PROPERTIES[name]
    if form in SIZES:
        content = struct.pack(SIZES[form], value)
    elif form == "variable":
        content = variable(value)
    else:
        content = text(value[0]) + text(value[1]) if form == "pair" else text(value)
    return bytes([identifier]) + content


def properties(**values):
    """A property block; `user_property` and `subscription_id` may be lists."""
    block = b"".join(encode_property(name, each) for name, value in values.items()
                     for each in (value if isinstance(value, list) else [value]))
    return variable(len(block)) + block


def block_of(version, values):
    return properties(**values) if version == V5 else b""


def connect(version=V5, client_id="", clean=True, keep_alive=0, will=None, username=None, password=None, **values):
    """`will` is a Will; `values` are properties."""
    flags = clean << 1 | (username is not None) << 7 | (password is not None) << 6
    body = text(client_id)
    if will:
        flags |= 0x04 | will.qos << 3 | will.retain << 5
        body += block_of(version, will.properties) + text(will.topic) + text(will.payload)
    body += b"".join(text(each) for each in (username, password) if each is not None)
    return connect_with(version, flags, body, keep_alive, block_of(version, values))


def connect_with(version, flags, payload, keep_alive=0, block=None, name=None):
    """CONNECT with exactly these flags and this payload."""
    block = block_of(version, {}) if block is None else block
    name = name or ("MQIsdp" if version == V3_1 else "MQTT")
    return packet(CONNECT, 0, text(name) + bytes([version, flags]) + number(keep_alive) + block + payload)


@dataclasses.dataclass
class Will:
    topic: str
    payload: bytes = b"gone"
    qos: int = 0
    retain: bool = False
    properties: dict = dataclasses.field(default_factory=dict)


def publish(version, topic, payload=b"", qos=0, packet_id=None, retain=False, dup=False, **values):
    identifier = number(packet_id) if packet_id is not None else b""
    return packet(PUBLISH, dup << 3 | qos << 1 | retain, text(topic) + identifier + block_of(version, values) + payload)


def acknowledge(version, kind, packet_id, reason=0, flags=None):
    flags = (2 if kind == PUBREL else 0) if flags is None else flags
    return packet(kind, flags, number(packet_id) + (bytes([reason]) if version == V5 and reason else b""))


def subscribe(version, packet_id, *filters, flags=2, **values):
    """`filters`: (filter, options byte)."""
    content = b"".join(text(each) + bytes([options]) for each, options in filters)
    return packet(SUBSCRIBE, flags, number(packet_id) + block_of(version, values) + content)


def unsubscribe(version, packet_id, *filters, flags=2, **values):
    return packet(UNSUBSCRIBE, flags, number(packet_id) + block_of(version, values) + b"".join(map(text, filters)))


def disconnect(version, reason=0, flags=0, **values):
    body = bytes([reason]) + properties(**values) if version == V5 and (reason or values) else b""
    return packet(DISCONNECT, flags, body)


def auth(reason, flags=0, **values):
    return packet(AUTH, flags, bytes([reason]) + properties(**values))


@dataclasses.dataclass
class Packet:
    """What a server sent. Fields that its kind does not have stay None."""

    kind: int
    flags: int
    body: bytes
    packet_id: int | None = None
    reason: int | None = None
    codes: list | None = None
    session_present: int | None = None
    topic: bytes | None = None
    payload: bytes | None = None
    properties: dict = dataclasses.field(default_factory=dict)

    @property
    def qos(self):
        return self.flags >> 1 & 3

    @property
    def dup(self):
        return bool(self.flags & 8)

    @property
    def retain(self):
        return bool(self.flags & 1)

    @property
    def size(self):
        return 1 + len(variable(len(self.body))) + len(self.body)


class Fields:
    def __init__(self, body):
        self.rest = body

    def take(self, size):
        if len(self.rest) < size:
            raise ValueError("a field is cut off")
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def two(self):
        return struct.unpack(">H", self.take(2))[0]

    def data(self):
        return self.take(self.two())

    def variable(self):
        value = shift = 0
        while True:
            digit = self.take(1)[0]
            value |= (digit & 0x7F) << shift
            shift += 7
            if not digit & 0x80:
                if shift > 7 and digit == 0:
                    raise ValueError("a length has more bytes than it needs")
                return value

    def properties(self):
        block = Fields(self.take(self.variable()))
        found = {}
        while block.rest:
            name, form = NAMES[block.take(1)[0]]
            if name in REPEATED:
                found.setdefault(name, []).append(block.value(form))
            elif name in found:
                raise ValueError(f"{name} twice")
            else:
                found[name] = block.value(form)
        return found

    def value(self, form):
        if form in SIZES:
            return struct.unpack(SIZES[form], self.take(struct.calcsize(SIZES[form])))[0]
        if form == "variable":
            return self.variable()
        if form == "data":
            return self.data()
        return (self.data().decode(), self.data().decode()) if form == "pair" else self.data().decode()


def decode(version, first, body):
    """A server's packet, read strictly: what is left over, missing or has other flags than it must is an error."""
    read = Packet(first >> 4, first & 0x0F, body)
    if read.kind != PUBLISH and read.flags != (2 if read.kind == PUBREL else 0):
        raise ValueError(f"flags {read.flags} in {read}")
    fields, v5 = Fields(body), version == V5
    if read.kind == CONNACK:
        read.session_present, read.reason = fields.take(2)
        read.properties = fields.properties() if v5 else {}
    elif read.kind == PUBLISH:
        read.topic = fields.data()
        read.packet_id = fields.two() if read.qos else None
        read.properties = fields.properties() if v5 else {}
        read.payload = fields.take(len(fields.rest))
    elif read.kind in (PUBACK, PUBREC, PUBREL, PUBCOMP):
        read.packet_id, read.reason = fields.two(), 0
    elif read.kind in (SUBACK, UNSUBACK):
        read.packet_id = fields.two()
        read.properties = fields.properties() if v5 else {}
        read.codes = list(fields.take(len(fields.rest)))
    elif read.kind in (DISCONNECT, AUTH):
        read.reason = 0
    if v5 and read.kind in (PUBACK, PUBREC, PUBREL, PUBCOMP, DISCONNECT, AUTH) and fields.rest:
        read.reason = fields.take(1)[0]
        read.properties = fields.properties() if fields.rest else {}
    if fields.rest:
        raise ValueError(f"{len(fields.rest)} bytes too many in {read}")
    return read
