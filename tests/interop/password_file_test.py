"""Users of a password file, by mosquitto's clients, curl, pyzmq, frames of a WebSocket and the program itself."""
import json
import os
import subprocess
import threading
import time
import unittest

import zmq

from support import mosquitto, mqtt_packets, raw
from support.accounts import basic, gateway_with_users, passwd
from support.clients import CurlClient
from support.gateway import BINARY
from support.mqtt_client import Client
from support.scram import Scram


class PasswordFile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = gateway_with_users({"ann": ("pencil", "ops"), "b ob": "p:w"}, zeromq="mechanism: plain")
        cls.enterClassContext(cls.gateway)
        cls.ports = cls.gateway.ports

    def publish(self, user, password, topic="a"):
        arguments = ["-u", user] + ([] if password is None else ["-P", password])
        return subprocess.run(["mosquitto_pub", "-p", str(self.ports["mqtt"]), *arguments, "-t", topic, "-m", "x", "-q", "1"], capture_output=True,
                              text=True, timeout=60)

    def test_mosquitto_clients(self):
        with mosquitto.Subscriber(self.ports["mqtt"], "-u", "ann", "-P", "pencil", "-t", "house/#") as received:
            mosquitto.publish(self.ports["mqtt"], "-u", "b ob", "-P", "p:w", "-q", "1", "-t", "house/a", "-m", "hello")
            self.assertEqual(received.receive()["payload"], "hello")
        for user, password in (("ann", "wrong"), ("nobody", "pencil"), ("ann", ""), ("ann", None)):
            done = self.publish(user, password)
            self.assertNotEqual(done.returncode, 0, (user, password))
            self.assertRegex(done.stderr, "(?i)not authori|bad user name", (user, password))

    def test_curl(self):
        with CurlClient(self.gateway.url()) as client:
            status, _, body = client.call("POST", "/v1/topics/a", b"x", [basic("ann", "pencil")])
            self.assertEqual(status, 202, body)
            status, headers, _ = client.call("POST", "/v1/topics/a", b"x", [basic("ann", "wrong")])
            self.assertEqual(status, 401)
            self.assertEqual([value.split()[0] for value in headers["www-authenticate"]], ["Basic", "Bearer"])
            self.assertEqual(client.call("POST", "/v1/topics/a", b"x")[0], 401)

    def websocket(self, headers=(), protocol=None):
        connection = raw.open_socket(self.ports["http"])
        self.addCleanup(connection.close)
        request = raw.websocket_handshake(protocol=protocol)
        connection.sendall(request[:-2] + "".join(header + "\r\n" for header in headers).encode() + b"\r\n")
        self.head = raw.read_head(connection)
        self.assertTrue(self.head.startswith("HTTP/1.1 101"), self.head)
        return connection

    def operate(self, connection, **operation):
        connection.sendall(raw.websocket_frame(json.dumps(operation).encode()))
        return json.loads(raw.read_websocket_frame(connection)[1])

    def test_websocket_header_and_first_frame(self):
        connection = self.websocket([basic("ann", "pencil")])
        self.assertEqual(self.operate(connection, op="publish", id=1, topic="a", data="x"), {"op": "ack", "id": 1})
        connection = self.websocket()
        self.assertEqual(self.operate(connection, op="auth", id=1, user="ann", password="pencil"), {"op": "ack", "id": 1})
        self.assertEqual(self.operate(connection, op="hello", id=2, name="desk"), {"op": "ack", "id": 2})
        connection = self.websocket(protocol="junctor")
        self.assertIn("sec-websocket-protocol: junctor", self.head.lower())
        self.assertEqual(self.operate(connection, op="auth", id=1, user="ann", password="wrong")["code"], "not_authenticated")
        self.assertEqual(self.operate(self.websocket(), op="publish", id=1, topic="a", data="x")["code"], "not_authenticated")

    def test_scram_over_websocket_frames(self):
        for digest in ("sha256", "sha512"):
            scram, connection = Scram("ann", "pencil", digest), self.websocket()
            challenge = self.operate(connection, op="auth", id=1, method=scram.mechanism, data=scram.first().decode())
            self.assertEqual((challenge["op"], challenge["id"]), ("challenge", 1))
            answer = self.operate(connection, op="auth", id=2, data=scram.last(challenge["data"].encode()).decode())
            self.assertEqual((answer["op"], answer["id"]), ("ack", 2))
            self.assertTrue(scram.proves_the_server(answer["data"].encode()))
            self.assertEqual(self.operate(connection, op="publish", id=3, topic="a", data="x"), {"op": "ack", "id": 3})

    def scram_connect(self, client, scram):
        client.send(mqtt_packets.connect(client_id="scram", authentication_method=scram.mechanism, authentication_data=scram.first()))
        challenge = client.expect(mqtt_packets.AUTH, reason=0x18)
        client.send(mqtt_packets.auth(0x18, authentication_method=scram.mechanism,
                                      authentication_data=scram.last(challenge.properties["authentication_data"])))

    def test_scram_over_mqtt(self):
        for digest in ("sha256", "sha512"):
            scram = Scram("ann", "pencil", digest)
            with Client(self.ports["mqtt"]) as client:
                self.scram_connect(client, scram)
                connack = client.expect(mqtt_packets.CONNACK, reason=0)
                self.assertEqual(connack.properties["authentication_method"], scram.mechanism)
                self.assertTrue(scram.proves_the_server(connack.properties["authentication_data"]))
                again = Scram("ann", "pencil", digest)
                client.send(mqtt_packets.auth(0x19, authentication_method=again.mechanism, authentication_data=again.first()))
                challenge = client.expect(mqtt_packets.AUTH, reason=0x18)
                client.send(mqtt_packets.auth(0x18, authentication_method=again.mechanism,
                                              authentication_data=again.last(challenge.properties["authentication_data"])))
                client.expect(mqtt_packets.AUTH, reason=0)
        for scram in (Scram("ann", "wrong"), Scram("nobody", "pencil")):
            with Client(self.ports["mqtt"]) as client:
                self.scram_connect(client, scram)
                self.assertIn(client.expect(mqtt_packets.CONNACK).reason, (0x86, 0x87))
                client.expect_end()

    def dealer(self, user=None, password=""):
        socket = zmq.Context.instance().socket(zmq.DEALER)
        self.addCleanup(socket.close, 0)
        if user is not None:
            socket.plain_username, socket.plain_password = user.encode(), password.encode()
        socket.connect(f"tcp://127.0.0.1:{self.ports['request']}")
        return socket

    def test_zeromq_plain(self):
        good = self.dealer("ann", "pencil")
        good.send_multipart([b"publish", b"1", b"a", b"x"])
        self.assertTrue(good.poll(30_000))
        self.assertEqual(good.recv_multipart()[0], b"ack")
        for user, password in (("ann", "wrong"), ("nobody", "pencil"), (None, "")):
            bad = self.dealer(user, password)
            events = bad.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_DISCONNECTED)
            bad.send_multipart([b"publish", b"1", b"a", b"x"])
            self.assertTrue(events.poll(30_000), (user, password))
            self.assertFalse(bad.poll(0))
            bad.disable_monitor()

    def junctor(self, *arguments, **environment):
        return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=60, env={**os.environ, **environment})

    def test_the_program_shows_credentials_in_every_protocol(self):
        secret = self.gateway.folder / "secret"
        secret.write_text("pencil\n")
        for url in (f"mqtt://127.0.0.1:{self.ports['mqtt']}", f"mqtt+ws://127.0.0.1:{self.ports['http']}/mqtt", f"ws://127.0.0.1:{self.ports['http']}/ws",
                    f"http://127.0.0.1:{self.ports['http']}", f"zmq://127.0.0.1:{self.ports['request']}"):
            with self.subTest(url=url):
                done = self.junctor("pub", url, "client/a", "-m", "x", "-q", 1, "-u", "ann", "--password-file", secret)
                self.assertEqual(done.returncode, 0, done.stderr)
                done = self.junctor("pub", url, "client/a", "-m", "x", "-q", 1, JUNCTOR_USER="ann", JUNCTOR_PASSWORD="pencil")
                self.assertEqual(done.returncode, 0, done.stderr)
                done = self.junctor("pub", url, "client/a", "-m", "x", "-q", 1, "--timeout", "3s", JUNCTOR_USER="ann", JUNCTOR_PASSWORD="wrong")
                self.assertNotEqual(done.returncode, 0)
                self.assertNotIn("wrong", done.stderr)

    def test_many_that_come_back_at_once_cost_no_hashing(self):
        self.assertEqual(self.publish("ann", "pencil").returncode, 0)
        results = []
        threads = [threading.Thread(target=lambda: results.append(self.publish("ann", "pencil").returncode)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [0] * 20)


class PasswordFileChanges(unittest.TestCase):
    def reach(self, gateway, user, password):
        with CurlClient(gateway.url()) as client:
            return client.call("POST", "/v1/topics/a", b"x", [basic(user, password)])[0]

    def wait_for(self, condition):
        deadline = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), deadline)

    def test_a_changed_file_is_noticed_and_a_bad_one_changes_nothing(self):
        with gateway_with_users({"ann": "first-secret"}) as gateway:
            users = gateway.folder / "users"
            self.assertEqual(self.reach(gateway, "ann", "first-secret"), 202)
            passwd(users, "bob", "second-secret")
            self.wait_for(lambda: self.reach(gateway, "bob", "second-secret") == 202)
            passwd(users, "ann", "third-secret")
            self.wait_for(lambda: self.reach(gateway, "ann", "third-secret") == 202)
            self.assertEqual(self.reach(gateway, "ann", "first-secret"), 401)
            good = users.read_text()
            for bad in ("", "ann\n", good + "eve fourth-secret\n"):
                users.write_text(bad)
                self.wait_for(lambda: gateway.log().count("password file kept as it was") > 0)
                self.assertEqual(self.reach(gateway, "ann", "third-secret"), 202)
                self.assertEqual(self.reach(gateway, "eve", "fourth-secret"), 401)
            users.write_text(good)
            passwd(users, "bob", None, "--delete")
            self.wait_for(lambda: self.reach(gateway, "bob", "second-secret") == 401)
            for secret in ("first-secret", "second-secret", "third-secret", "fourth-secret"):
                self.assertNotIn(secret, gateway.log())
            self.assertEqual(users.stat().st_mode & 0o777, 0o600)

    def test_a_bad_file_does_not_start(self):
        for text in ("", "\n# nobody\n", "ann:pencil\n", "ann\n"):
            gateway = gateway_with_users({"ann": "first-secret"})
            (gateway.folder / "users").write_text(text)
            with self.assertRaisesRegex(AssertionError, "did not start"):
                gateway.__enter__()
            self.assertIn("users", gateway.log())


if __name__ == "__main__":
    unittest.main()
