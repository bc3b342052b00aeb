"""MQTT, section 6: over WebSocket."""
from support import mqtt_packets as mqtt, record
from support import raw
from support.mqtt_cases import MqttCases
from support.mqtt_client import unique

BINARY, TEXT, CONTINUATION, CLOSE = 2, 1, 0, 8
NO_LAST_FRAGMENT = 0x00


class Cases:
    connectors = ["mqtt", "mqtt-ws"]

    def open(self, protocol="mqtt"):
        connection = raw.open_socket(self.gateway.ports["http"])
        self.addCleanup(connection.close)
        connection.sendall(raw.websocket_handshake("/mqtt", protocol=protocol))
        return connection, raw.read_head(connection)

    def connection(self):
        connection, head = self.open()
        self.assertTrue(head.startswith("HTTP/1.1 101"), head)
        return connection

    def packets(self, connection, size):
        """So many bytes of MQTT, however they are framed; all frames are binary."""
        got = b""
        while len(got) < size:
            opcode, payload = raw.read_websocket_frame(connection)
            self.assertIn(opcode, (BINARY, CONTINUATION))
            got += payload
        return got

    def test_the_subprotocol_is_mqtt(self):
        self.assertRegex(self.open()[1].lower(), r"sec-websocket-protocol: *mqtt\r\n")
        connection, head = self.open("mqttx, mqtt")
        self.assertRegex(head.lower(), r"sec-websocket-protocol: *mqtt\r\n")

    def test_frames_of_the_server_are_binary(self):
        connection = self.connection()
        connection.sendall(raw.websocket_frame(mqtt.connect(self.version, unique()), BINARY))
        self.assertEqual(raw.read_websocket_frame(connection)[0], BINARY)

    def test_a_text_frame_ends_the_connection(self):
        for first in (b"", mqtt.connect(self.version, unique())):
            connection = self.connection()
            if first:
                connection.sendall(raw.websocket_frame(first, BINARY))
                self.packets(connection, 4)
            connection.sendall(raw.websocket_frame(mqtt.packet(mqtt.PINGREQ, 0, b"") if first else mqtt.connect(self.version, "c"), TEXT))
            self.assertTrue(raw.ends(connection))

    def test_packets_and_frames_have_nothing_to_do_with_each_other(self):
        topic = unique("t")
        sent = (mqtt.connect(self.version, unique()) + mqtt.subscribe(self.version, 1, (topic, 0))
                + mqtt.publish(self.version, topic, b"payload") + mqtt.packet(mqtt.PINGREQ, 0, b""))
        last = mqtt.publish(self.version, topic, b"payload") + b"\xd0\0"
        for size in (1, 3, 7, len(sent)):
            connection = self.connection()
            for at in range(0, len(sent), size):
                connection.sendall(raw.websocket_frame(sent[at:at + size], BINARY))
            got = b""
            while not got.endswith(last):
                got += self.packets(connection, 1)
            connection.close()

    def test_a_packet_may_be_spread_over_fragments_of_a_frame(self):
        connection = self.connection()
        packet = mqtt.connect(self.version, unique())
        connection.sendall(raw.websocket_frame(packet[:5], BINARY, NO_LAST_FRAGMENT)
                           + raw.websocket_frame(packet[5:9], CONTINUATION, NO_LAST_FRAGMENT)
                           + raw.websocket_frame(packet[9:] + b"\xc0\0", CONTINUATION))
        got = b""
        while not got.endswith(b"\xd0\0"):
            got += self.packets(connection, 1)
        self.assertEqual(got[0], 0x20)


class Version311(Cases, MqttCases):
    version = mqtt.V3_1_1


class Version5(Cases, MqttCases):
    pass


if __name__ == "__main__":
    record.main()
