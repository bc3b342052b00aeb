"""What an administrator takes back by the admin API: connections end within a second at every door, and nobody comes in by it again; a restart
brings none of it back, and what one gateway hears holds at all that a backend joins."""
import contextlib
import http.client
import json
import re
import time
import unittest

import zmq
from zmq.utils.monitor import recv_monitor_message

from deny_matrix import ROWS
from support import tokens
from support.accounts import gateway_with_users
from support.deniable import Gone, basic
from support.joined import wait_for_backend
from support.mosquitto_broker import MosquittoBroker
from support.wait import until

SECRET = b"0123456789abcdef0123456789abcdef"
AUTHENTICATORS = """{type: jwt, algorithms: [HS256], secret: {file: token.secret}, issuer: i, audience: [none], from: [bearer, password]},
  {type: password_file, file: users}"""
RULES = "authorizers: [{type: acl, rules: [{allow: [all], topics: ['#', '$SYS/#']}, {allow: [connect]}, {allow: [admin], principals: [root]}]}], audit: {file: audit.json}"
USERS = {"ann": "pencil", "root": "r-secret"}
ROOT = {"Content-Type": "application/json", **basic("root", USERS["root"])}
WAIT_SECONDS = 30  # a second is promised; the rest is for machines that are busy


def token(id, subject="ada", issued=-60, seconds=600):
    now = int(time.time())
    return tokens.hmac_token(SECRET, {"alg": "HS256"}, {"iss": "i", "sub": subject, "jti": id, "iat": now + issued, "exp": now + seconds})


class Revocations(unittest.TestCase):
    def setUp(self):
        gateway = gateway_with_users(USERS, AUTHENTICATORS, RULES, zeromq="mechanism: plain", store="fsync",
                                     connectors=["mqtt", "mqtt-ws", "websocket", "rest", "zeromq", "vertx"])
        (gateway.folder / "token.secret").write_bytes(SECRET)
        self.gateway = self.enterContext(gateway)

    def admin(self, method, path, body=None, headers=ROOT):
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.ports["admin"], timeout=WAIT_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def post(self, body, headers=ROOT):
        return self.admin("POST", "/v1/revocations", body if isinstance(body, str) else json.dumps(body), headers)[0]

    def revoke(self, **what):
        self.assertEqual(self.post(what), 202)
        return time.monotonic()

    def client(self, system, secret, user="any"):
        client = ROWS[system].Client(self.gateway.ports, user, secret)
        self.addCleanup(client.cut)
        if system == "rest":
            self.assertTrue(client.subscribe("a/b"))  # a request is over at once; an event stream lasts
        return client

    def lives(self, system, client):
        """Whether it is still here; for an event stream by what comes."""
        try:
            if system != "rest":
                return client.alive()
            self.client("mqtt", USERS["root"], "root").publish("a/b")
            return client.receive() == "a/b"
        except (Gone, ConnectionError, ValueError):
            return False

    def ends(self, system, client, since):
        while self.lives(system, client):
            self.assertLess(time.monotonic() - since, WAIT_SECONDS, system)
        return time.monotonic() - since

    def comes_back(self, system):
        with contextlib.suppress(Gone):
            return self.lives(system, self.client(system, USERS["ann"], "ann"))
        return False

    def is_refused(self, system, secret, user="any"):
        """ZeroMQ's sockets hear nothing, and try again for ever."""
        if system == "zeromq":
            return self.assertFalse(tokens.ZEROMQ_DOORS["DEALER"](self.gateway, secret)[0])
        with self.assertRaises(Gone, msg=system):
            self.client(system, secret, user)

    def test_a_token(self):
        for system in ROWS:
            with self.subTest(system):
                mine, other = token(f"mine-{system}"), token(f"other-{system}")
                revoked, stays = self.client(system, mine), self.client(system, other)
                since = self.revoke(token=f"mine-{system}")
                print(f"{system}: ended after {self.ends(system, revoked, since):.3f} s")
                self.is_refused(system, mine)
                self.assertTrue(self.lives(system, stays))
                self.assertTrue(self.lives(system, self.client(system, other)))

    def test_a_principal(self):
        """What it showed so far: tokens that were issued before, and passwords once; a newer token and the password let it in again."""
        for system in ROWS:
            with self.subTest(system):
                subject = f"bob-{system}"
                old = token("old", subject)
                by_token, by_password, other = self.client(system, old), self.client(system, USERS["ann"], "ann"), self.client(system, token("x"))
                since = self.revoke(principal=subject)
                self.ends(system, by_token, since)
                self.is_refused(system, old)
                self.assertTrue(self.lives(system, self.client(system, token("new", subject, issued=2))))
                self.assertTrue(self.lives(system, by_password))
                self.assertTrue(self.lives(system, other))
                since = self.revoke(principal="ann")
                self.ends(system, by_password, since)
                while not self.comes_back(system):  # within the second it may be sent away once more
                    self.assertLess(time.monotonic() - since, WAIT_SECONDS)

    def test_a_session(self):
        """The token that it showed goes with it."""
        shown = token("of a session")
        client = self.client("websocket", shown)
        listed = json.loads(self.admin("GET", "/v1/sessions")[1])["sessions"]
        session = next(each["id"] for each in listed if each["protocol"] == "websocket")
        self.ends("websocket", client, self.revoke(session=session))
        self.is_refused("mqtt", shown)
        self.assertEqual(self.post({"session": session}), 404)

    def test_a_silent_subscriber_of_zeromq(self):
        subscriber = self.enterContext(contextlib.closing(zmq.Context.instance().socket(zmq.SUB)))
        monitor = self.enterContext(contextlib.closing(subscriber.get_monitor_socket()))
        self.addCleanup(subscriber.disable_monitor)  # first: libzmq's thread would wait for ever for a monitor that has gone
        subscriber.linger = 0
        subscriber.plain_username, subscriber.plain_password = b"token", token("silent").encode()
        subscriber.connect(f"tcp://127.0.0.1:{self.gateway.ports['sub']}")
        subscriber.subscribe("a/")
        speaker = self.client("mqtt", USERS["ann"], "ann")
        while not subscriber.poll(50):  # until the subscription has arrived
            speaker.publish("a/b")
        self.revoke(token="silent")
        told = []
        while zmq.EVENT_HANDSHAKE_FAILED_AUTH not in told:
            self.assertTrue(monitor.poll(WAIT_SECONDS * 1000), told)
            told.append(recv_monitor_message(monitor)["event"])
        self.assertIn(zmq.EVENT_DISCONNECTED, told)

    def test_it_outlives_a_crash(self):
        mine = token("kept")
        self.client("mqtt", mine)
        self.revoke(token="kept")
        self.gateway.kill()
        self.gateway.start_again()
        self.gateway.wait_ready()
        self.is_refused("mqtt", mine)
        self.assertTrue(self.lives("mqtt", self.client("mqtt", token("another"))))

    def test_it_is_written_down(self):
        self.revoke(token="abc", expires=int(time.time()) + 60)
        deadline = time.monotonic() + WAIT_SECONDS
        while not re.search('"message":"credentials revoked","principal":"root","object":"token abc"', (self.gateway.folder / "audit.json").read_text()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)  # between two looks

    def test_who_may_not(self):
        json_type = {"Content-Type": "application/json"}
        self.assertEqual(self.post({"token": "x"}, {**json_type, "Authorization": "Bearer " + token("x")}), 403)
        self.assertEqual(self.post({"token": "x"}, json_type), 401)
        self.assertTrue(self.client("mqtt", token("x")).alive())

    def test_what_is_wrong_revokes_nothing(self):
        stays = self.client("mqtt", token("x"))
        for body in ("", "[]", "{}", '{"token": 1}', '{"token": ""}', '{"token": "x", "principal": "ada"}', '{"token": "x", "token": "x"}', '{"token": "x", "a": 1}',
                     '{"token": "x", "expires": 5}', '{"token": "x", "expires": "5"}', '{"token": "x", "tenant": "nowhere"}', '{"session": "x"}', '{"session": "1", "tenant": ""}',
                     json.dumps({"token": "x" * 256}), '{"token": "x"' + " " * 5000 + "}"):
            with self.subTest(body):
                self.assertEqual(self.post(body), 400)
        self.assertEqual(self.post({"token": "x"}, {**ROOT, "Content-Type": "text/plain"}), 415)
        self.assertEqual(self.post({"session": "ff00000000000001"}), 404)
        self.assertTrue(stays.alive())
        self.assertTrue(self.client("mqtt", token("x")).alive())


class Joined(unittest.TestCase):
    """Gateways of one name space that a broker joins. The second one is not told by the administrator."""

    def setUp(self):
        self.broker = self.enterContext(MosquittoBroker())
        self.one, self.two = (self.enterContext(self.gateway(name)) for name in ("one", "two"))
        wait_for_backend(self.one, self.two)

    def gateway(self, name):
        gateway = gateway_with_users(USERS, AUTHENTICATORS, RULES, store="fsync", connectors=["mqtt"])
        gateway._config += f"\nname: {name}\nbackend: {{type: mqtt, url: \"mqtt://127.0.0.1:{self.broker.ports['mqtt']}\"}}"
        (gateway.folder / "token.secret").write_bytes(SECRET)
        return gateway

    def lets_in(self, gateway, shown):
        with contextlib.suppress(Gone):
            client = ROWS["mqtt"].Client(gateway.ports, "any", shown)
            self.addCleanup(client.cut)
            return client.alive()
        return False

    def revoke(self, gateway, what):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", gateway.ports["admin"], timeout=WAIT_SECONDS)) as connection:
            connection.request("POST", "/v1/revocations", json.dumps({"token": what}), ROOT)
            self.assertEqual(connection.getresponse().status, 202)

    def test_what_is_revoked_at_one_is_revoked_at_the_other(self):
        mine = token("mine")
        client = ROWS["mqtt"].Client(self.two.ports, "any", mine)
        self.addCleanup(client.cut)
        self.revoke(self.one, "mine")
        with self.assertRaises(Gone):
            client.receive()  # nothing comes but the end
        self.assertFalse(self.lets_in(self.two, mine))
        self.assertTrue(self.lets_in(self.two, token("another")))
        self.assertRegex(self.two.log(), "credentials revoked.*gateway:one")

    def test_who_was_away_hears_of_it(self):
        self.assertEqual(self.two.stop(), 0)
        self.revoke(self.one, "mine")
        self.two.start_again()
        self.two.wait_ready()
        until(lambda: not self.lets_in(self.two, token("mine")), "the other gateway knows")

    def test_who_was_cut_off_tells_it_afterwards(self):
        """Over a crash, too: what is in the store is told when the backend is there."""
        self.broker.stop()
        until(lambda: self.one.admin("/healthz") != "ok\n", "the broker is missed")
        self.revoke(self.one, "mine")
        self.one.kill()
        self.broker.start()
        wait_for_backend(self.two)
        self.one.start_again()
        self.one.wait_ready()
        until(lambda: not self.lets_in(self.two, token("mine")), "the other gateway knows")


if __name__ == "__main__":
    unittest.main()
