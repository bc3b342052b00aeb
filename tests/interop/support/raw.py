"""Plain sockets for bytes that no client library would send."""
import base64
import os
import socket
import struct
import time
import urllib.request

WAIT_SECONDS = 30


def open_socket(port, seconds=WAIT_SECONDS):
    return socket.create_connection(("127.0.0.1", port), timeout=seconds)


def ends(connection, seconds=WAIT_SECONDS):
    """Reads until the other side ends the connection. False when it is still open after `seconds`."""
    deadline = time.monotonic() + seconds
    try:
        while (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            if not connection.recv(65536):
                return True
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return False


def read_exactly(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionError(f"closed after {len(data)} of {size} bytes")
        data += piece
    return data


# MQTT


def variable_length(value):
    out = b""
    while True:
        value, digit = value >> 7, value & 0x7F
        out += bytes([digit | (0x80 if value else 0)])
        if not value:
            return out


def mqtt_text(text):
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack(">H", len(data)) + data


def mqtt_packet(first, body):
    return bytes([first]) + variable_length(len(body)) + body


def mqtt_connect(client_id, version=5, keep_alive=0):
    properties = b"\0" if version == 5 else b""
    return mqtt_packet(0x10, mqtt_text("MQTT") + bytes([version, 2]) + struct.pack(">H", keep_alive) + properties + mqtt_text(client_id))


def mqtt_subscribe(filters, qos=0, version=5, packet_id=1):
    properties = b"\0" if version == 5 else b""
    return mqtt_packet(0x82, struct.pack(">H", packet_id) + properties + b"".join(mqtt_text(f) + bytes([qos]) for f in filters))


def mqtt_publish(topic, payload, version=5):
    return mqtt_packet(0x30, mqtt_text(topic) + (b"\0" if version == 5 else b"") + payload)


def read_mqtt_packet(connection):
    """(first byte, body)"""
    first = read_exactly(connection, 1)[0]
    length = shift = 0
    while True:
        digit = read_exactly(connection, 1)[0]
        length |= (digit & 0x7F) << shift
        shift += 7
        if not digit & 0x80:
            return first, read_exactly(connection, length)


def mqtt_session(port, client_id, version=5):
    """A socket whose CONNECT has been accepted."""
    connection = open_socket(port)
    connection.sendall(mqtt_connect(client_id, version))
    first, body = read_mqtt_packet(connection)
    assert first == 0x20 and body[1] == 0, (first, body)
    return connection


# WebSocket


def websocket_handshake(path="/ws", extensions=None, protocol=None):
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
             f"Sec-WebSocket-Key: {key}"]
    lines += [f"Sec-WebSocket-Extensions: {extensions}"] if extensions else []
    lines += [f"Sec-WebSocket-Protocol: {protocol}"] if protocol else []
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def read_head(connection):
    """An HTTP answer's head, as text."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += read_exactly(connection, 1)
    return head.decode()


def websocket_session(port, path="/ws", protocol=None):
    connection = open_socket(port)
    connection.sendall(websocket_handshake(path, protocol=protocol))
    head = read_head(connection)
    assert head.startswith("HTTP/1.1 101"), head
    return connection


def websocket_frame(payload, opcode=1, first_bits=0x80):
    """Masked with zeros."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size) if size < 65536 else b"\xff" + struct.pack(">Q", size)
    return bytes([first_bits | opcode]) + length + b"\0\0\0\0" + payload


def read_websocket_frame(connection):
    """(opcode, payload)"""
    first, length = read_exactly(connection, 2)
    if length == 126:
        length = struct.unpack(">H", read_exactly(connection, 2))[0]
    elif length == 127:
        length = struct.unpack(">Q", read_exactly(connection, 8))[0]
    return first & 0x0F, read_exactly(connection, length)


# HTTP


def post(gateway, topic, body=b"x"):
    """Publishes through REST; the status."""
    with urllib.request.urlopen(urllib.request.Request(gateway.url(f"/v1/topics/{topic}"), body, method="POST"), timeout=WAIT_SECONDS) as answer:
        return answer.status
