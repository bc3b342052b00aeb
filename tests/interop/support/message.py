"""A message as every client's library shows it, so that tests can compare them."""
import base64
import dataclasses
import json


@dataclasses.dataclass
class Message:
    topic: str
    payload: bytes = b""
    content_type: str | None = None
    headers: list = dataclasses.field(default_factory=list)  # (name, value), in order
    reply_to: str | None = None
    correlation: bytes | None = None
    qos: int = 0
    retain: bool = False

    def meaning(self):
        """What has to be equal on both sides of the gateway."""
        return (self.topic, self.payload, self.content_type, sorted(self.headers), self.reply_to, self.correlation)


def header_pairs(headers):
    """The JSON form of headers: an object, or pairs where a name occurs twice."""
    pairs = headers.items() if isinstance(headers, dict) else headers
    return [(name, value) for name, value in pairs]


def from_json(fields):
    """The `message` object of the JSON protocol."""
    payload = base64.b64decode(fields["data_base64"]) if "data_base64" in fields else fields.get("data", "").encode()
    correlation = fields.get("correlation")
    correlation = base64.b64decode(fields["correlation_base64"]) if "correlation_base64" in fields else correlation and correlation.encode()
    return Message(fields["topic"], payload, fields.get("content_type"), header_pairs(fields.get("headers", {})), fields.get("reply_to"),
                   correlation, fields.get("qos", 0), fields.get("retain", False))


def describing_fields(message):
    """Everything but topic and payload, under the names of the JSON protocol."""
    fields = {}
    if message.content_type:
        fields["content_type"] = message.content_type
    if message.headers:
        fields["headers"] = [list(pair) for pair in message.headers]
    if message.reply_to:
        fields["reply_to"] = message.reply_to
    if message.correlation:
        fields["correlation_base64"] = base64.b64encode(message.correlation).decode()
    if message.qos:
        fields["qos"] = message.qos
    if message.retain:
        fields["retain"] = True
    return fields


def to_json(message):
    """The fields of a publish in the JSON protocol."""
    fields = {"topic": message.topic, **describing_fields(message)}
    try:
        fields["data"] = message.payload.decode()
    except UnicodeDecodeError:
        fields["data_base64"] = base64.b64encode(message.payload).decode()
    return fields


def from_zeromq(frames):
    """`[topic][body]` and perhaps `[headers JSON]`."""
    fields = json.loads(frames[2]) if len(frames) > 2 and frames[2] else {}
    message = from_json({"topic": frames[0].decode(), **fields})
    message.payload = frames[1]
    return message
