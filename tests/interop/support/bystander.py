"""A well-behaved client that must not notice what others do: one MQTT connection for the whole test."""
from support import raw


class Bystander:
    def __init__(self, gateway):
        self.connection = raw.mqtt_session(gateway.ports["mqtt"], "bystander")
        self.connection.sendall(raw.mqtt_subscribe(["bystander/#"]))
        first, body = raw.read_mqtt_packet(self.connection)
        assert first == 0x90 and body[-1] == 0, (first, body)
        self._count = 0

    def check(self):
        """Publishes to itself: the connection and the gateway still work."""
        self._count += 1
        payload = str(self._count).encode()
        self.connection.sendall(raw.mqtt_publish("bystander/a", payload))
        first, body = raw.read_mqtt_packet(self.connection)
        assert first >> 4 == 3 and body.endswith(payload), (first, body)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
