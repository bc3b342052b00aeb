"""The deny matrix: every verb, through every connector, with a principal that may, may not, may no longer (the rules change meanwhile), and
whose credentials end meanwhile. What each connector has a word for, and a client for it, stand in `deny_matrix/`; a connector without its row there is not built."""
import http.client
import itertools
import json
import re
import ssl
import subprocess
import threading
import time
import unittest

from deny_matrix import ROWS, websocket
from support import raw
from support.accounts import gateway_with_users
from support.callout import Callout
from support.certificates import Certificates
from support.deniable import Gone, basic
from support.gateway import BINARY, Gateway

USERS = {"subject": "s-secret", "helper": "h-secret"}
HELPER = ["{allow: [all], principals: [helper]}", "{allow: [all], topics: ['#', '$SYS/#'], principals: [helper]}"]

# verb of the matrix: (what the policy's verbs are called, the topics they are about)
RULES = {
    "connect": (["connect"], []),
    "publish": (["publish"], ["m/publish"]),
    "subscribe": (["subscribe"], ["m/subscribe"]),
    "receive": (["receive"], ["m/receive"]),
    "request": (["request"], ["m/request"]),
    "presence": (["presence"], ["$SYS/sessions/#"]),
    "dead_letter": (["presence"], ["$SYS/dead-letters/#"]),
    "history": (["history"], ["m/history"]),
    "retained": (["receive"], ["m/retained"]),
    "shared": (["subscribe"], ["m/shared"]),
    "will": (["publish"], ["m/will"]),
}

# What the subject may besides, so that the verb alone decides.
BESIDES = {
    "connect": ["{allow: [publish], topics: [m/alive], principals: [subject]}"],
    "receive": ["{allow: [subscribe], topics: ['m/#'], principals: [subject]}"],
    "history": ["{allow: [subscribe], topics: ['m/#'], principals: [subject]}"],
    "retained": ["{allow: [subscribe], topics: ['m/#'], principals: [subject]}"],
    "subscribe": ["{allow: [subscribe], topics: ['m/marker'], principals: [subject]}"],
    "presence": ["{allow: [subscribe], topics: ['$SYS/#', 'm/#'], principals: [subject]}"],
    "dead_letter": ["{allow: [subscribe], topics: ['$SYS/#', 'm/#'], principals: [subject]}"],
}


def rule(kind, verb):
    verbs, topics = RULES[verb]
    about = f", topics: {json.dumps(topics)}" if topics else ""
    return f"{{{kind}: {json.dumps(verbs)}{about}, principals: [subject]}}"


def rules_for(verb, allowed):
    lines = HELPER + ([] if verb == "connect" else ["{allow: [connect], principals: [subject]}"]) + BESIDES.get(verb, [])
    lines.append(rule("allow" if allowed else "deny", verb))
    return "rules:\n" + "".join(f"  - {line}\n" for line in lines)


class Matrix:
    """The cells. A subclass says how somebody is known."""

    def client(self, system, user="subject", **options):
        made = ROWS[system].Client(self.gateway.ports, user, USERS[user], **options)
        self.addCleanup(made.cut)
        return made

    def set_rules(self, verb, allowed):
        """Returns when they are in force."""
        # At once: a file that is seen empty, and read when it is written, would be read twice, and the second time be taken for the next one's.
        (self.gateway.folder / "rules.next").write_text(rules_for(verb, allowed))
        (self.gateway.folder / "rules.next").rename(self.gateway.folder / "rules.yaml")
        before = self.loaded
        deadline = time.monotonic() + 30
        while (now := self.gateway.log().count("rules reloaded")) == before:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)  # between two looks
        type(self).loaded = now

    @property
    def helper(self):
        return self.client("mqtt", "helper")

    # One method a verb: True when the client could, False when not. Each may be asked again.

    def could_connect(self, client, system):
        return (client or self.client(system)).alive()

    def could_publish(self, client, system):
        return client.publish("m/publish")

    def could_request(self, client, system):
        return client.request("m/request")

    def could_subscribe(self, client, system):
        return client.subscribe("m/subscribe")

    def could_shared(self, client, system):
        return client.subscribe("$share/g/m/shared")

    def could_history(self, client, system):
        self.helper.publish("m/history")
        return client.recall("m/history")

    def could_receive(self, client, system):
        if not getattr(client, "listens", False):
            client.listens = client.subscribe("m/#")
        helper = self.helper
        helper.publish("m/receive")
        return self.came_before_marker(client, helper, "m/receive")

    def could_retained(self, client, system):
        helper = self.helper
        helper.publish("m/retained", b"kept", retain=True)
        listener = self.client(system)
        self.assertTrue(listener.subscribe("m/#"))
        return self.came_before_marker(listener, helper, "m/retained")

    def could_presence(self, client, system):
        return self.event_comes(system, "$SYS/sessions/", lambda: self.client("websocket", "helper"))

    def could_dead_letter(self, client, system):
        return self.event_comes(system, "$SYS/dead-letters/", self.overflow)

    def overflow(self):
        sleeper = self.client("mqtt", "helper", client_id="sleeper", expiry=600)
        sleeper.subscribe("m/overflow")
        sleeper.cut()
        helper = self.helper
        for _ in range(20):
            helper.publish("m/overflow")

    def came_before_marker(self, client, helper, topic, marker="m/marker"):
        helper.publish(marker)
        seen = []
        while (got := client.receive()) != marker:
            seen.append(got)
        return topic in seen

    def event_comes(self, system, prefix, happen):
        """Does what happens show to a new listener? Who may see everything tells when a marker can follow."""
        listener, watcher = self.client(system), self.helper
        self.assertTrue(watcher.subscribe("$SYS/#"))
        if system == "rest":  # one filter a stream: no place for a marker
            return listener.subscribe(prefix + "#") and (happen(), self.shows_within(listener, prefix, 3 if self.expects_nothing else 30))[1]
        if not (listener.subscribe("m/marker") and listener.subscribe("$SYS/#")):
            return False
        happen()
        while not watcher.receive().startswith(prefix):
            pass
        self.helper.publish("m/marker")
        seen = []
        while (got := listener.receive()) != "m/marker":
            seen.append(got)
        return any(topic.startswith(prefix) for topic in seen)

    def shows_within(self, listener, prefix, seconds):
        """What is not delivered shows by nothing: a moment decides, and only for those that are denied."""
        found = threading.Event()

        def read():
            try:
                while not listener.receive().startswith(prefix):
                    pass
                found.set()
            except (Gone, AssertionError, OSError, ValueError):
                pass

        threading.Thread(target=read, daemon=True).start()
        return found.wait(seconds)

    expects_nothing = False

    def denied(self, verb, client, system):
        try:
            return not getattr(self, "could_" + verb)(client, system)
        except Gone:
            return True

    def until_denied(self, verb, client, system):
        """In force within a second, says the policy; this machine may be slow."""
        self.expects_nothing = True
        deadline = time.monotonic() + 60
        while not self.denied(verb, client, system):
            self.assertLess(time.monotonic(), deadline, f"{verb} through {system} is still possible")
        self.expects_nothing = False


class Rows(unittest.TestCase):
    def test_every_connector_of_the_program_that_lets_somebody_in_has_its_row(self):
        listed = subprocess.run([BINARY, "plugins"], check=True, capture_output=True, text=True, timeout=60).stdout.splitlines()
        connectors = {line for line in listed if line and not line[0].isspace() and " " not in line}
        self.assertEqual(connectors, set(ROWS))

    def test_every_verb_has_its_rule(self):
        self.assertEqual(set().union(*(row.VERBS for row in ROWS.values())), set(RULES))


class ByPassword(Matrix, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        gateway = gateway_with_users(USERS, authorizers="authorizers: [{type: acl, file: rules.yaml}]", zeromq="mechanism: plain",
                                     connectors=["mqtt", "websocket", "rest", "zeromq", "vertx"])
        gateway._config += "\nlimits: {offline_messages: 5}\nhistory: [{filter: m/history, messages: 10}]"
        (gateway.folder / "rules.yaml").write_text(rules_for("connect", True))
        cls.gateway = cls.enterClassContext(gateway)
        cls.loaded = 0
        cls.responder = websocket.Client(gateway.ports, "helper", USERS["helper"])
        cls.addClassCleanup(cls.responder.cut)
        assert cls.responder.subscribe("m/request")
        cls.responder._socket.settimeout(None)  # it waits for questions as long as the tests take
        threading.Thread(target=cls.respond, daemon=True).start()

    @classmethod
    def respond(cls):
        try:
            while True:
                frame = cls.responder._read()
                if "reply_to" in frame:
                    answer = {key: frame[key] for key in ("reply_to", "correlation", "correlation_base64") if key in frame}
                    cls.responder._socket.sendall(raw.websocket_frame(json.dumps({"op": "reply", "data": "answer", **answer}).encode()))
        except (Gone, OSError, ValueError):
            pass

    # Wills have a test of their own.
    VERBS = sorted(set().union(*(row.VERBS for row in ROWS.values())) - {"will"})

    @staticmethod
    def systems_with(verb):
        return [system for system, row in ROWS.items() if verb in row.VERBS]

    def test_allowed_then_revoked(self):
        for verb in self.VERBS:
            self.set_rules(verb, True)
            clients = {}
            for system in self.systems_with(verb):
                with self.subTest(system=system, verb=verb):
                    clients[system] = self.client(system)
                    self.assertFalse(self.denied(verb, clients[system], system), "it is allowed")
            self.set_rules(verb, False)
            for system in clients:
                with self.subTest(system=system, verb=verb):
                    self.until_denied(verb, clients[system], system)

    def test_denied_from_the_start(self):
        self.expects_nothing = True
        for verb in self.VERBS:
            self.set_rules(verb, False)
            for system in self.systems_with(verb):
                with self.subTest(system=system, verb=verb):
                    client = None if verb == "connect" else self.client(system)
                    self.assertTrue(self.denied(verb, client, system))

    def test_a_subscription_that_stands_ends(self):
        for system in ROWS:
            with self.subTest(system=system):
                self.set_rules("subscribe", True)
                subject, marker = self.client(system), self.helper
                self.assertTrue(subject.subscribe("m/subscribe"))
                if system != "rest":
                    self.assertTrue(subject.subscribe("m/marker"))
                marker.publish("m/subscribe")
                self.assertEqual(subject.receive(), "m/subscribe")
                self.set_rules("subscribe", False)
                deadline = time.monotonic() + 60
                while self.still_gets(subject, system, marker):
                    self.assertLess(time.monotonic(), deadline)

    def still_gets(self, subject, system, helper):
        helper.publish("m/subscribe")
        if system == "rest":  # the stream had this one filter, and ends with it
            try:
                return subject.receive() == "m/subscribe"
            except Gone:
                return False
        return self.came_before_marker(subject, helper, "m/subscribe")

    def test_wills(self):
        watcher = self.client("mqtt", "helper")
        self.assertTrue(watcher.subscribe("m/will") and watcher.subscribe("m/marker"))
        for revoked in (False, True):
            self.set_rules("will", True)
            client = self.client("mqtt", will=("m/will", b"gone"))
            if revoked:
                self.set_rules("will", False)
            client.cut()
            if not revoked:
                self.assertEqual(watcher.receive(), "m/will")
                continue
            self.helper.publish("m/marker")
            self.assertEqual(watcher.receive(), "m/marker")
        self.set_rules("will", False)
        with self.assertRaises(Gone):
            self.client("mqtt", will=("m/will", b"gone"))

    def test_administration(self):
        def status():
            connection = http.client.HTTPConnection("127.0.0.1", self.gateway.ports["admin"], timeout=30)
            connection.request("GET", "/v1/sessions", headers=basic("subject", USERS["subject"]))
            return connection.getresponse().status

        RULES["admin"] = (["admin"], [])
        self.addCleanup(RULES.pop, "admin")
        self.set_rules("admin", True)
        self.assertEqual(status(), 200)
        self.set_rules("admin", False)
        deadline = time.monotonic() + 60
        while status() != 403:
            self.assertLess(time.monotonic(), deadline)


class ByPolicyService(Matrix, unittest.TestCase):
    """A service elsewhere judges each delivery (`verbs: [receive, presence]`), besides local rules that allow everything. What it says holds for those who
    wait alone, so that each message is asked about."""

    TOPICS = {"receive": ".*/receive", "retained": ".*/retained", "presence": "[$]SYS/sessions/.*", "dead_letter": "[$]SYS/dead-letters/.*",
              "shared": ".*/shared", "history": ".*/history", "will": ".*/will", "request": ".*/request"}
    PLACES = itertools.count()  # first levels that no other cell uses, so that nobody is asked about who listened there
    # A will or a request of others comes to whoever listens, whatever it has words for itself.
    HEARD = {"will", "request"}

    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(Callout())
        cls.denied_topic = ""
        cls.service.answer = lambda asked: {"allow": asked["user"] != "subject" or not re.fullmatch(cls.denied_topic, asked["object"])}
        service = f'{{type: http, url: "{cls.service.url}", verbs: [receive, presence], allow_ttl: 0s, deny_ttl: 0s, timeout: 30s}}'
        rules = "{type: acl, rules: [{allow: [connect, admin]}, {allow: [all], topics: ['#', '$SYS/#']}]}"
        gateway = gateway_with_users(USERS, authorizers=f"authorizers: [{service}, {rules}]", zeromq="mechanism: plain",
                                     connectors=["mqtt", "websocket", "rest", "zeromq", "vertx"])
        gateway._config += "\nlimits: {offline_messages: 5}\nhistory: [{filter: +/history, messages: 10}]"
        cls.gateway = cls.enterClassContext(gateway)

    def set_rules(self, verb, allowed):
        type(self).denied_topic = "" if allowed else self.TOPICS[verb]

    def listens(self, client, system, topic, group=""):
        """The first level below which it does."""
        place = f"c{next(self.PLACES)}"
        for filter in (f"{place}/{topic}", f"{place}/marker") if system == "vertx" else (f"{group}{place}/#",):
            self.assertTrue(client.subscribe(filter))
        return place

    def comes(self, client, place, topic, happen):
        """Does what happens reach the client? When the service has been asked, everything that is published later comes behind it."""
        happen()
        deadline = time.monotonic() + 60
        while not any(asked["user"] == "subject" and asked["object"] == f"{place}/{topic}" for asked, _ in self.service.asked):
            self.assertLess(time.monotonic(), deadline, "nobody asks")
            time.sleep(0.01)  # between two looks
        return self.came_before_marker(client, self.helper, f"{place}/{topic}", f"{place}/marker")

    def could_receive(self, client, system):
        place = self.listens(client, system, "receive")
        return self.comes(client, place, "receive", lambda: self.helper.publish(f"{place}/receive"))

    def could_retained(self, client, system):
        place = f"c{next(self.PLACES)}"
        self.helper.publish(f"{place}/retained", b"kept", retain=True)
        return self.comes(client, place, "retained", lambda: self.assertTrue(client.subscribe(f"{place}/#")))

    def could_will(self, client, system):
        place = self.listens(client, system, "will")
        return self.comes(client, place, "will", self.client("mqtt", "helper", will=(f"{place}/will", b"gone")).cut)

    def could_request(self, client, system):
        """To be asked is to receive; the answer to a question of one's own is another right."""
        place = self.listens(client, system, "request")
        asking = {"id": 7, "op": "request", "topic": f"{place}/request", "data": "x", "timeout": 60}
        requester = self.client("websocket", "helper")
        return self.comes(client, place, "request", lambda: requester._socket.sendall(raw.websocket_frame(json.dumps(asking).encode())))

    def could_shared(self, client, system):
        """It is the only member."""
        place = self.listens(client, system, "shared", "$share/g/")
        return self.comes(client, place, "shared", lambda: self.helper.publish(f"{place}/shared"))

    def could_history(self, client, system):
        place = f"c{next(self.PLACES)}"
        self.helper.publish(f"{place}/history")
        if system in ("websocket", "rest"):
            return client.recall(f"{place}/history")
        self.assertTrue(client.subscribe(f"{place}/marker"))
        return self.comes(client, place, "history", lambda: self.assertTrue(client.recall(f"{place}/history")))

    def test_allowed_then_denied_then_allowed(self):
        for system, row in ROWS.items():
            for verb in sorted((row.VERBS | self.HEARD) & set(self.TOPICS)):
                with self.subTest(system=system, verb=verb):
                    for allowed in (True, False, True):
                        self.set_rules(verb, allowed)
                        self.expects_nothing = not allowed
                        self.assertEqual(self.denied(verb, self.client(system), system), not allowed)

    def test_explained(self):
        client = self.client("mqtt", client_id="explained")
        client.subscribe("m/#")
        [session] = [each["id"] for each in json.loads(self.admin("/v1/sessions?name=explained"))["sessions"]]
        for allowed in (True, False):
            self.set_rules("receive", allowed)
            told = json.loads(self.admin(f"/v1/explain?session={session}&verb=receive&topic=m/receive"))
            self.assertEqual(told["verdict"]["outcome"], "allow" if allowed else "deny", told)
            self.assertEqual([step["verdict"]["outcome"] for step in told["asked"]], ["allow" if allowed else "deny", "allow"])

    def admin(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.ports["admin"], timeout=30)
        self.addCleanup(connection.close)
        connection.request("GET", path, headers=basic("helper", USERS["helper"]))
        return connection.getresponse().read()


class ByCertificate(Matrix, unittest.TestCase):
    """Credentials that end: certificates of a few seconds. ZeroMQ has none: `zeromq_credentials_test.py`."""

    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates(client_ca=True)
        cls.addClassCleanup(cls.certificates.remove)
        rules = "authorizers: [{type: allow_all}]"
        cls.gateway = cls.enterClassContext(Gateway(tls=cls.certificates, connectors=["mqtt", "websocket", "rest"],
                                                    config=f"policy: {{authenticators: [{{type: mtls}}], {rules}}}"))

    def test_expired_meanwhile(self):
        clients = {system: self.known_for_seconds(system) for system in ("mqtt", "websocket", "rest")}
        for system, client in clients.items():
            with self.subTest(system=system):
                deadline = time.monotonic() + 60
                with self.assertRaises((Gone, ssl.SSLError, ConnectionError)):
                    while time.monotonic() < deadline:
                        client.alive() if system == "rest" else client.receive()

    def known_for_seconds(self, system):
        context = ssl.create_default_context(cafile=self.certificates.ca)
        context.load_cert_chain(*self.certificates.issue_for_seconds(f"short-{system}", "/CN=subject", 8))
        client = ROWS[system].Client(self.gateway.ports, None, None, tls=context)
        self.addCleanup(client.cut)
        self.assertTrue(client.subscribe("m/expiring") if system != "rest" else client.publish("m/publish"))
        return client


if __name__ == "__main__":
    unittest.main()
