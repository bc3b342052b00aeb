"""TLS as a property of an address: MQTT, WebSocket, REST and server-sent events, and a reload of the certificate."""
import shutil
import signal
import socket
import ssl
import time
import unittest

from support.certificates import Certificates
from support.clients import CurlClient, EventSourceClient, MqttJsClient, PahoClient, WebSocketClient
from support.gateway import Gateway
from support.message import Message

LARGE = bytes(range(256)) * 2048  # 512 KiB: many TLS records


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates()
        cls.addClassCleanup(cls.certificates.remove)
        cls.gateway = cls.enterClassContext(Gateway(tls=cls.certificates))
        cls.ca = cls.certificates.ca

    def mqtt(self):
        return PahoClient(self.gateway.ports["mqtt"], ca=self.ca)

    def exchange(self, publisher, subscriber, topic):
        subscriber.subscribe(topic)
        for payload in (b"hello", LARGE):
            publisher.publish(Message(topic, payload, qos=1))
            self.assertEqual(subscriber.receive().payload, payload)

    def test_mqtt(self):
        with self.mqtt() as publisher, self.mqtt() as subscriber:
            self.exchange(publisher, subscriber, "tls/mqtt")

    def test_mqtt_over_secure_websocket(self):
        with self.mqtt() as publisher, MqttJsClient(f"wss://localhost:{self.gateway.ports['http']}/mqtt", ca=self.ca) as subscriber:
            self.exchange(publisher, subscriber, "tls/wss")
            self.exchange(subscriber, publisher, "tls/wss-back")

    def test_json_over_secure_websocket(self):
        with self.mqtt() as publisher, WebSocketClient(f"wss://localhost:{self.gateway.ports['http']}/ws", ca=self.ca) as subscriber:
            self.exchange(publisher, subscriber, "tls/json")

    def test_rest_and_events(self):
        with CurlClient(self.gateway.url(), self.ca) as publisher, EventSourceClient(self.gateway.url(), ca=self.ca) as subscriber:
            self.exchange(publisher, subscriber, "tls/rest")

    def test_a_client_is_shown_the_certificate_of_the_name_that_it_asks_for(self):
        cert, key = self.certificates.issue("other", "/CN=other", "DNS:broker.example")
        self.gateway.write_config(self.gateway.configuration().replace("tls: {", f"tls: {{by_name: [{{cert: {cert}, key: {key}}}], "))
        self.gateway.reload()
        context = ssl.create_default_context(cafile=self.ca)
        for port in (self.gateway.ports["mqtt"], self.gateway.ports["http"]):
            for name, subject in (("localhost", "localhost"), ("broker.example", "other")):
                with self.subTest(port=port, name=name), socket.create_connection(("127.0.0.1", port), 10) as connection:
                    with context.wrap_socket(connection, server_hostname=name) as encrypted:
                        self.assertEqual(encrypted.getpeercert()["subject"], ((("commonName", subject),),))

    def test_old_versions_are_refused(self):
        context = ssl.create_default_context(cafile=self.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        with socket.create_connection(("127.0.0.1", self.gateway.ports["mqtt"]), 10) as connection:
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                context.wrap_socket(connection, server_hostname="localhost")

    def test_bytes_that_are_not_tls_end_the_connection(self):
        with socket.create_connection(("127.0.0.1", self.gateway.ports["mqtt"]), 10) as connection:
            connection.sendall(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x00\x00\x00")
            data = connection.recv(4096)
            while data and data[:1] == b"\x15":  # an alert is welcome
                data = connection.recv(4096)
            self.assertEqual(data, b"")
        self.test_mqtt()

    def presented_certificate(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.gateway.ports["mqtt"]), 10) as connection:
            with context.wrap_socket(connection) as secure:
                return secure.getpeercert(binary_form=True)

    def test_a_reload_presents_the_new_certificate_and_keeps_connections(self):
        with self.mqtt() as before:
            before.subscribe("tls/reload")
            old = self.presented_certificate()
            renewed = Certificates()
            self.addCleanup(renewed.remove)
            for name in ("cert", "key"):
                shutil.copy(getattr(renewed, name), getattr(self.certificates, name))
            shutil.copy(renewed.ca, self.ca)
            self.gateway.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + 30
            while self.presented_certificate() == old:
                self.assertLess(time.monotonic(), deadline, "the old certificate is still presented")
            with self.mqtt() as after:
                after.publish(Message("tls/reload", b"still connected", qos=1))
            self.assertEqual(before.receive().payload, b"still connected")


if __name__ == "__main__":
    unittest.main()
