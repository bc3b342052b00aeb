"""Threat 30: who somebody is by its certificate: TLS 1.2 and 1.3, whole names, no values that pass for names, revoked and foreign ones refused."""
import json
import signal
import socket
import ssl
import subprocess
import time
import unittest

from support import raw
from support.certificates import Certificates
from support.gateway import BINARY, Gateway

CONFIG = """policy:
  authenticators: [{{type: mtls{options}}}]
  authorizers: [{{type: allow_all}}]
"""


class ClientCertificates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates(client_ca=True, crl=True)
        cls.addClassCleanup(cls.certificates.remove)
        cls.gateway = cls.enterClassContext(Gateway(tls=cls.certificates, config=CONFIG.format(options="")))
        cls.issued = 0

    def issue(self, subject, names=None, authority=None):
        ClientCertificates.issued += 1
        return (authority or self.certificates).issue(f"client-{self.issued}", subject, names)

    def connect(self, certificate, gateway=None, version=None):
        """CONNACK's reason, or None when TLS or the gateway ended the connection first."""
        context = ssl.create_default_context(cafile=self.certificates.ca)
        if certificate:
            context.load_cert_chain(*certificate)
        if version:
            context.minimum_version = context.maximum_version = version
        try:
            with socket.create_connection(("127.0.0.1", (gateway or self.gateway).ports["mqtt"]), 30) as plain:
                with context.wrap_socket(plain, server_hostname="localhost") as secure:
                    secure.sendall(raw.mqtt_connect("certificate"))
                    return raw.read_mqtt_packet(secure)[1][1]
        except (ssl.SSLError, ConnectionError):
            return None

    def test_both_versions_of_tls(self):
        good = self.issue("/O=Example/OU=plant/CN=pump-7")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.assertEqual(self.connect(good, version=version), 0)
            self.assertEqual(self.connect(None, version=version), 0x87)

    def test_names_that_try_to_be_others(self):
        for subject in ("/O=a,CN=admin", "/O=x\\+CN=admin", "/O=Example/OU=only", "/CN=pump/CN=admin", "/CN=pump+CN=admin", "/CN=\tadmin"):
            self.assertEqual(self.connect(self.issue(subject)), 0x87, subject)

    def test_a_foreign_authority_is_none(self):
        other = Certificates()
        self.addCleanup(other.remove)
        self.assertIsNone(self.connect(self.issue("/CN=pump-7", authority=other)))

    def test_a_revoked_certificate(self):
        certificate = self.issue("/CN=pump-8")
        self.assertEqual(self.connect(certificate), 0)
        self.certificates.revoke(certificate[0])
        self.gateway.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 30
        while self.connect(certificate) is not None:
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(self.connect(self.issue("/CN=pump-9")), 0, "the others stay welcome")

    def test_whole_subjects_and_alternative_names(self):
        users = ', users: [{subject: "CN=pump-7,OU=plant", user: pump}]'
        with Gateway(tls=self.certificates, config=CONFIG.format(options=users)) as gateway:
            self.assertEqual(self.connect(self.issue("/OU=plant/CN=pump-7"), gateway), 0)
            for subject in ("/CN=pump-7/OU=plant", "/CN=pump-7", "/O=x/OU=plant/CN=pump-7", "/OU=plant+CN=pump-7", "/CN=pump-7,OU=plant", "/OU=plant/CN=Pump-7"):
                self.assertEqual(self.connect(self.issue(subject), gateway), 0x87, subject)
        with Gateway(tls=self.certificates, config=CONFIG.format(options=", identity: dns")) as gateway:
            self.assertEqual(self.connect(self.issue("/CN=x", "DNS:pump-7.example"), gateway), 0)
            for names in ("DNS:a.example,DNS:b.example", "URI:DNS:a.example", "email:a@example", None):
                self.assertEqual(self.connect(self.issue("/CN=x", names), gateway), 0x87, names)

    def test_the_program_shows_a_certificate_in_every_encrypted_protocol(self):
        cert, key = self.issue("/CN=cli")
        ports = self.gateway.ports
        for url in (f"mqtts://localhost:{ports['mqtt']}", f"mqtt+wss://localhost:{ports['http']}/mqtt", f"wss://localhost:{ports['http']}/ws",
                    f"https://localhost:{ports['http']}"):
            with self.subTest(url=url):
                command = [BINARY, "pub", url, "a", "-m", "x", "-q", "1", "--ca", self.certificates.ca]
                done = subprocess.run([*command, "--cert", cert, "--key", key], capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotEqual(subprocess.run(command, capture_output=True, timeout=60).returncode, 0)

    def test_events_of_a_client_that_is_known_by_its_certificate(self):
        cert, key = self.issue("/O=Example/CN=dash\\,board")
        command = [BINARY, "sub", f"https://localhost:{self.gateway.ports['http']}", "$SYS/sessions/#", "-n", "1", "--json", "--ca", self.certificates.ca,
                   "--cert", cert, "--key", key]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as listener:
            deadline = time.monotonic() + 30
            while listener.poll() is None and time.monotonic() < deadline:
                self.connect(self.issue("/CN=seen"))
            self.assertIn("topic", json.loads(listener.stdout.read()))


if __name__ == "__main__":
    unittest.main()
