"""ZeroMQ's doors and verdicts that take their time: nothing passes before somebody elsewhere has said who it is and that it may connect; and
credentials that end, by a new password, by time or by their provider, cut whoever showed them, and nobody else."""
import json
import threading
import time
import unittest

import zmq

from support.accounts import gateway_with_users, passwd
from support.callout import Callout
from support.gateway import Gateway
from support.tokens import claims, hmac_token

WAIT_SECONDS = 60
SECRET = b"0123456789abcdef0123456789abcdef"
OPEN_DOORS = "{type: acl, rules: [{allow: [all]}, {allow: [connect, admin]}]}"


class Doors:
    """Sockets of one gateway, each under a user of its own, and what the others see of it."""

    def open_sockets(self, user, password):
        self.pub = self.socket(zmq.PUB, "pub", user, password)
        self.sub = self.socket(zmq.SUB, "sub", user, password)
        self.sub.subscribe(b"open/")
        self.dealer = self.socket(zmq.DEALER, "request", user, password)

    def socket(self, kind, door, user, password):
        socket = zmq.Context.instance().socket(kind)
        self.addCleanup(socket.close, 0)
        socket.plain_username, socket.plain_password = user.encode(), password.encode()
        socket.connect(f"tcp://127.0.0.1:{self.gateway.ports[door]}")
        return socket

    def operate(self, dealer, *frames):
        dealer.send_multipart(list(frames))
        self.assertTrue(dealer.poll(WAIT_SECONDS * 1000))
        return dealer.recv_multipart()

    def watch(self, user, password):
        """From now on `seen` asks what has been published, by its topic, up to a marker."""
        self.watcher = self.socket(zmq.DEALER, "request", user, password)
        self.assertEqual(self.operate(self.watcher, b"subscribe", b"1", b"#")[0], b"ack")
        self.speaker = self.socket(zmq.DEALER, "request", user, password)
        self.other_sub = self.socket(zmq.SUB, "sub", user, password)
        self.other_sub.subscribe(b"open/")
        while not self.other_sub.poll(20):
            self.speak(b"open/begin")
        self.marks = 0

    def speak(self, topic):
        self.assertEqual(self.operate(self.speaker, b"publish", b"1", topic, b"x")[0], b"ack")

    def seen(self):
        self.marks += 1
        marker = b"open/marker-%d" % self.marks
        self.speak(marker)
        while self.other_sub.recv_multipart()[0] != marker:
            pass  # whatever the door had for its subscribers before that is on its way
        topics = []
        while (frames := self.watcher.recv_multipart())[2] != marker:
            topics.append(frames[2])
        return topics

    def heard(self, socket):
        topics = []
        while socket.poll(0):
            topics.append(socket.recv_multipart()[0])
        return topics

    def until(self, condition):
        deadline = time.monotonic() + WAIT_SECONDS
        while not condition():
            self.assertLess(time.monotonic(), deadline)


class Asked(Doors, unittest.TestCase):
    """Both who it is and whether it may connect are asked elsewhere; the test holds the answers about `slow`."""

    def setUp(self):
        self.who, self.may = self.enterContext(Callout()), self.enterContext(Callout())
        self.may_connect = True
        self.answered = threading.Event()
        self.addCleanup(self.answered.set)
        self.held = None
        self.who.answer = lambda asked: self.wait_for(self.who, asked) or {"result": "allow", "name": asked["user"]}
        self.may.answer = lambda asked: self.wait_for(self.may, asked) or {"allow": asked["user"] == "quick" or self.may_connect}
        self.gateway = self.enterContext(Gateway(zeromq="mechanism: plain", connectors=["zeromq"], config=f"""policy:
  authenticators: [{{type: http, url: "{self.who.url}", timeout: 30s, remember: 1m}}, {{type: anonymous}}]
  authorizers: [{{type: http, url: "{self.may.url}", timeout: 30s, verbs: [connect], deny_ttl: 1h}}, {OPEN_DOORS}]
"""))
        self.watch("quick", "x")

    def wait_for(self, server, asked):
        if asked["user"] == "slow" and self.held is server:
            self.answered.wait(WAIT_SECONDS)

    def hold(self, server):
        self.held = server
        asked_before = len(server.asked)
        self.open_sockets("slow", "x")
        self.dealer.send_multipart([b"publish", b"1", b"slow/dealer", b"x"])
        self.dealer.send_multipart([b"subscribe", b"2", b"open/#"])
        self.until(lambda: self.pub.send_multipart([b"slow/pub", b"x"]) or len(server.asked) > asked_before)

    def expect_nothing(self):
        for _ in range(20):
            self.pub.send_multipart([b"slow/pub", b"x"])
            self.assertEqual([topic for topic in self.seen() if topic.startswith(b"slow/")], [])
        self.assertEqual(self.heard(self.sub), [])
        self.assertFalse(self.dealer.poll(0))

    def expect_all(self):
        self.answered.set()
        self.assertEqual(sorted(self.dealer.recv_multipart()[1] for _ in range(2)), [b"1", b"2"])
        topics = set()
        self.until(lambda: self.pub.send_multipart([b"slow/pub", b"x"]) or topics.update(self.seen()) or topics >= {b"slow/pub", b"slow/dealer"})
        self.until(lambda: self.speak(b"open/late") or self.sub.poll(20))

    def test_nothing_passes_before_it_is_known_who_it_is(self):
        self.hold(self.who)
        self.expect_nothing()
        self.expect_all()

    def test_nothing_passes_before_it_may_connect(self):
        self.hold(self.may)
        self.expect_nothing()
        self.expect_all()

    def test_nothing_passes_when_it_may_not(self):
        self.hold(self.may)
        self.may_connect = False
        self.answered.set()
        for number in (b"1", b"2"):
            answer = self.dealer.recv_multipart()
            self.assertEqual((answer[0], answer[3]), (b"error", b"not_authorized"))
            if number == b"1":
                self.dealer.send_multipart([b"publish", b"2", b"slow/dealer", b"x"])
        self.expect_nothing()


class Ending(Doors, unittest.TestCase):
    """Each test ends what `ann` showed, and `bob` stays."""

    @classmethod
    def setUpClass(cls):
        cls.provider = cls.enterClassContext(Callout())
        cls.active = True
        cls.provider.answer = lambda asked: {"active": cls.active and asked["token"] == "opaque", "sub": "ann"}
        cls.gateway = gateway_with_users({"ann": "old-pencil", "bob": "chalk"}, zeromq="mechanism: plain", connectors=["zeromq"], authorizers=f"authorizers: [{OPEN_DOORS}]",
                                         authenticators=f"""
      {{type: jwt, algorithms: [HS256], secret: {{file: token.secret}}, issuer: https://issuer.example, audience: [junctor], from: [password], clock_skew: 0s}},
      {{type: password_file, file: users}},
      {{type: introspection, url: "{cls.provider.url}", client_id: g, client_secret: s, from: [password], revoked_within: 1s}},
      {{type: anonymous}}""")
        (cls.gateway.folder / "token.secret").write_bytes(SECRET)
        cls.enterClassContext(cls.gateway)

    def setUp(self):
        type(self).active = True
        self.watch("bob", "chalk")

    def sessions_of(self, user):
        return [each for each in json.loads(self.gateway.admin("/v1/sessions"))["sessions"] if each["principal"] == user]

    def begin(self, password, user="ann"):
        self.open_sockets(user, password)
        self.silent = self.socket(zmq.PUB, "pub", user, password)
        self.assertEqual(self.operate(self.dealer, b"subscribe", b"1", b"open/#")[0], b"ack")
        self.until(lambda: self.pub.send_multipart([b"ann/pub", b"x"]) or b"ann/pub" in self.seen())
        self.until(lambda: self.sub.poll(20) or self.speak(b"open/begin"))
        self.assertEqual(len(self.sessions_of("ann")), 3)

    def expect_the_end(self):
        began = time.monotonic()
        self.until(lambda: not self.sessions_of("ann"))
        print(f"{self.id().rpartition('.')[2]}: gone {time.monotonic() - began:.2f} s after the end")
        self.seen()
        for socket in (self.sub, self.dealer):
            self.heard(socket)
        self.dealer.send_multipart([b"publish", b"2", b"ann/dealer", b"x"])
        for _ in range(20):
            for publisher in (self.pub, self.silent):
                publisher.send_multipart([b"ann/pub", b"x"])
            self.assertEqual([topic for topic in self.seen() if topic.startswith(b"ann/")], [])
        self.assertTrue(self.dealer.poll(WAIT_SECONDS * 1000))
        answers = {(frames[0], frames[3]) for frames in iter(lambda: self.dealer.poll(0) and self.dealer.recv_multipart(), 0)}
        self.assertEqual(answers, {(b"error", b"not_authorized")})
        self.assertEqual(self.heard(self.sub), [])
        self.assertEqual(self.sessions_of("ann"), [])
        self.assertGreaterEqual(len(self.sessions_of("bob")), 3)

    def test_a_new_password(self):
        self.begin("old-pencil")
        passwd(self.gateway.folder / "users", "ann", "new-pencil")
        self.expect_the_end()
        self.open_sockets("ann", "new-pencil")
        self.until(lambda: self.pub.send_multipart([b"ann/pub", b"x"]) or b"ann/pub" in self.seen())
        self.silent.send_multipart([b"ann/silent", b"x"])
        for _ in range(20):
            self.assertNotIn(b"ann/silent", self.seen(), "the new password is not the old one's")

    def test_a_token_that_expires(self):
        self.begin(hmac_token(SECRET, {"alg": "HS256"}, claims(sub="ann", exp=int(time.time()) + 10)))
        self.until(lambda: not self.sessions_of("ann"))
        self.expect_the_end()

    def test_a_token_that_is_revoked(self):
        self.begin("opaque", "token")
        type(self).active = False
        self.expect_the_end()


if __name__ == "__main__":
    unittest.main()
