"""Threat 31: ZeroMQ is encrypted and knows who connects, or is for this machine alone; each user is judged by what it may itself."""
import subprocess
import unittest

import zmq

from support.accounts import gateway_with_users, passwd
from support.gateway import BINARY, Gateway


def curve(gateway, name):
    """(file of the secret key, file of the public key)"""
    file = gateway.folder / name
    subprocess.run([BINARY, "curve", file], check=True, capture_output=True, timeout=60)
    assert file.stat().st_mode & 0o777 == 0o600
    return file, gateway.folder / f"{name}.pub"


def key(file):
    return file.read_text().strip().encode()


class Curve(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(config="policy: {authenticators: [{type: password_file, file: users}], authorizers: [{type: allow_all}]}",
                              zeromq="mechanism: curve, secret_key: {file: server.key}")
        cls.secret, cls.public = curve(cls.gateway, "server.key")
        cls.known, known_public = curve(cls.gateway, "known.key")
        passwd(cls.gateway.folder / "users", "pump", None, "--curve-key", known_public)
        cls.enterClassContext(cls.gateway)
        cls.ports = cls.gateway.ports

    def socket(self, kind, door, secret=None, server=None):
        socket = zmq.Context.instance().socket(kind)
        self.addCleanup(socket.close, 0)
        if secret:
            socket.curve_secretkey, socket.curve_publickey = key(secret), zmq.curve_public(key(secret))
            socket.curve_serverkey = key(server or self.public)
        self.events = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                                zmq.EVENT_DISCONNECTED)
        self.addCleanup(socket.disable_monitor)  # first: libzmq's thread would wait for ever for a monitor that has gone
        socket.connect(f"tcp://127.0.0.1:{self.ports[door]}")
        return socket

    def refused(self):
        self.assertTrue(self.events.poll(30_000))
        self.events.recv_multipart()

    def test_a_known_key_is_a_user(self):
        dealer = self.socket(zmq.DEALER, "request", self.known)
        dealer.send_multipart([b"publish", b"1", b"a", b"x"])
        self.assertTrue(dealer.poll(30_000))
        self.assertEqual(dealer.recv_multipart()[0], b"ack")

    def test_publish_and_subscribe_doors(self):
        subscriber = self.socket(zmq.SUB, "sub", self.known)
        subscriber.subscribe(b"curve/")
        publisher = self.socket(zmq.PUB, "pub", self.known)
        while not subscriber.poll(50):
            publisher.send_multipart([b"curve/a", b"x"])
        self.assertEqual(subscriber.recv_multipart(), [b"curve/a", b"x"])

    def test_an_unknown_key_none_and_a_wrong_server_key_are_refused(self):
        stranger, stranger_public = curve(self.gateway, "stranger.key")
        for options in ({"secret": stranger}, {}, {"secret": self.known, "server": stranger_public}):
            dealer = self.socket(zmq.DEALER, "request", **options)
            dealer.send_multipart([b"publish", b"1", b"a", b"x"])
            self.refused()
            self.assertFalse(dealer.poll(0))

    def test_the_program(self):
        command = [BINARY, "pub", f"zmq://127.0.0.1:{self.ports['request']}", "a", "-m", "x", "--timeout", "5s", "--curve-server-key", self.public]
        done = subprocess.run([*command, "--curve-key", self.known], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotEqual(subprocess.run(command, capture_output=True, timeout=60).returncode, 0, "a key that nobody knows")

    def check(self, text):
        config = self.gateway.folder / "other.yaml"
        config.write_text(f"connectors: [{{type: zeromq, {text}}}]\npolicy: {{authenticators: [{{type: anonymous, from: any}}], authorizers: [{{type: allow_all}}]}}\n")
        return subprocess.run([BINARY, "check", config], capture_output=True, text=True, timeout=60)

    def test_what_other_machines_reach_is_encrypted_or_does_not_start(self):
        for door in ("publish", "subscribe", "request"):
            for mechanism in ("", ", mechanism: plain"):
                done = self.check(f'{door}: "0.0.0.0:0"{mechanism}')
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("CURVE", done.stderr)
            self.assertEqual(self.check(f'{door}: "0.0.0.0:0", mechanism: curve, secret_key: {{file: server.key}}').returncode, 0)
        self.assertNotEqual(self.check('publish: "127.0.0.1:0", mechanism: curve').returncode, 0)
        self.assertNotEqual(self.check('publish: "127.0.0.1:0", secret_key: {file: server.key}').returncode, 0)


class UsersApart(unittest.TestCase):
    """Two users at the same doors, one of whom may less."""

    @classmethod
    def setUpClass(cls):
        rules = ("authorizers: [{type: acl, rules: [{allow: [connect]}, {allow: [publish, subscribe], topics: ['#']}, "
                 "{deny: [publish, subscribe], principals: [eve], topics: ['secret/#']}]}]")
        cls.gateway = gateway_with_users({"ann": "one", "eve": "two"}, authorizers=rules, zeromq="mechanism: plain")
        cls.enterClassContext(cls.gateway)
        cls.ports = cls.gateway.ports

    def socket(self, kind, door, user, password):
        socket = zmq.Context.instance().socket(kind)
        self.addCleanup(socket.close, 0)
        socket.plain_username, socket.plain_password = user, password
        socket.connect(f"tcp://127.0.0.1:{self.ports[door]}")
        return socket

    def test_each_subscriber_gets_what_it_may(self):
        ann, eve = self.socket(zmq.SUB, "sub", b"ann", b"one"), self.socket(zmq.SUB, "sub", b"eve", b"two")
        for subscriber in (ann, eve):
            for prefix in (b"", b"secret/", b"open/"):
                subscriber.subscribe(prefix)
        publisher = self.socket(zmq.PUB, "pub", b"ann", b"one")
        seen = {ann: set(), eve: set()}
        # Whoever may not have a message loses the prefix by which it would come, and all connect anew: it takes a moment.
        while not (b"secret/a" in seen[ann] and b"open/a" in seen[ann] and b"open/a" in seen[eve]):
            for topic in (b"secret/a", b"open/a"):
                publisher.send_multipart([topic, b"x"])
            for subscriber in (ann, eve):
                while subscriber.poll(20):
                    seen[subscriber].add(subscriber.recv_multipart()[0])
            self.assertNotIn(b"secret/a", seen[eve])

    def test_each_publisher_is_judged(self):
        ann = self.socket(zmq.SUB, "sub", b"ann", b"one")
        ann.subscribe(b"secret/")
        publishers = [self.socket(zmq.PUB, "pub", b"ann", b"one"), self.socket(zmq.PUB, "pub", b"eve", b"two")]
        while not ann.poll(50):
            publishers[1].send_multipart([b"secret/eve", b"x"])
            publishers[0].send_multipart([b"secret/ann", b"x"])
        self.assertEqual(ann.recv_multipart()[0], b"secret/ann")


if __name__ == "__main__":
    unittest.main()
