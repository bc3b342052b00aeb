"""An MQTT 5 client with a session that outlives its connections, fast enough for load: it comes back whenever its connection is lost."""
import asyncio
import struct

from support import mqtt_packets as mqtt

RETRY_SECONDS = 0.005
PINGREQ = mqtt.packet(mqtt.PINGREQ, 0, b"")


class Client(asyncio.Protocol):
    """What it sees goes to `packet(first, body)`; what it says waits in `say` until the whole read is handled."""

    def __init__(self, name, **options):
        self.name = name
        self.options = {"session_expiry": 86_400, **options}
        self.faults = []       # what the server may not do
        self.sessions_lost = 0
        self.connack = None
        self._connections = 0
        self._transport = None
        self._buffer = b""
        self._out = []
        self._lost = asyncio.Event()
        self._task = None

    # Coming and going

    def stay(self, port):
        """Connects, and again whenever the connection is lost."""
        self._task = asyncio.ensure_future(self._stay(port))

    async def leave(self):
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        if self._transport:
            self._transport.write(mqtt.disconnect(mqtt.V5))
            self._transport.close()
            await self._lost.wait()

    async def _stay(self, port):
        while True:
            try:
                self._lost.clear()
                await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)
                await self._lost.wait()
            except OSError:
                pass
            await asyncio.sleep(RETRY_SECONDS)

    def connection_made(self, transport):
        self._transport, self._buffer, self.connack = transport, b"", None
        transport.write(mqtt.connect(mqtt.V5, self.name, clean=False, **self.options))

    def connection_lost(self, _):
        self._transport, self.connack = None, None
        self._lost.set()

    # Packets

    def data_received(self, data):
        self._buffer += data
        at, size = 0, len(self._buffer)
        while size - at >= 2:
            length = head = 0
            while True:
                if at + 1 + head >= size:
                    length = size
                    break
                digit = self._buffer[at + 1 + head]
                length |= (digit & 0x7F) << 7 * head
                head += 1
                if not digit & 0x80:
                    break
            end = at + 1 + head + length
            if end > size:
                break
            self._handle(self._buffer[at], self._buffer[at + 1 + head:end])
            at = end
        self._buffer = self._buffer[at:]
        self.flush()

    def _handle(self, first, body):
        if first >> 4 == mqtt.CONNACK:
            return self._opened(mqtt.decode(mqtt.V5, first, body))
        if first >> 4 == mqtt.DISCONNECT:
            self.faults.append(f"{self.name}: DISCONNECT {mqtt.decode(mqtt.V5, first, body).reason:#x}")
            return None
        return self.packet(first, body)

    def _opened(self, connack):
        if connack.reason:
            self.faults.append(f"{self.name}: CONNACK {connack.reason:#x}")
            return
        self._connections += 1
        if self._connections > 1 and not connack.session_present:
            self.sessions_lost += 1
        self.connack = connack
        self.opened(connack.session_present)

    def say(self, packet):
        self._out.append(packet)

    def flush(self):
        if self._out and self._transport:
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def opened(self, session_present):
        raise NotImplementedError

    def packet(self, first, body):
        raise NotImplementedError


def identifier(body):
    return struct.unpack_from(">H", body)[0]
