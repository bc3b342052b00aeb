"""Open Policy Agent decides, by a Rego policy: through three protocols, after a change of the policy, killed and back again."""
import json
import subprocess
import time
import unittest

from support import mqtt_packets as mqtt
from support.clients import CurlClient, PahoClient, WebSocketClient
from support.gateway import BINARY, Gateway
from support.message import Message
from support.metrics import total
from support.mqtt_client import Client
from support.opa import OpenPolicyAgent

REGO = """
package junctor

import future.keywords.if
import future.keywords.in

default decision := {"allow": false, "reason": "only below open/ and own/<session>/", "ttl": 1}

decision := {"allow": true, "ttl": 600} if allow

allow if input.verb in {"connect", "admin"}
allow if startswith(input.object, "open/")
allow if { input.session != ""; startswith(input.object, sprintf("own/%s/", [input.session])) }
allow if { input.principal.name == "anonymous"; input.protocol == "rest"; input.object == "rest-only" }
"""

POLICY = """
policy:
  authenticators: [{{type: anonymous}}]
  authorizers:
    - {{type: opa, name: opa, url: "http://127.0.0.1:{port}", path: junctor/decision, timeout: 2s, allow_ttl: {ttl}, verbs: [connect, publish, subscribe, request]}}
    - {{type: acl, rules: [{{allow: [admin]}}]}}
"""
BACK_SECONDS = 60
REFUSED = 0x80  # reason codes from here on say no


class Opa(unittest.TestCase):
    def start(self, rego=REGO, ttl="10m"):
        self.opa = self.enterContext(OpenPolicyAgent(rego))
        self.gateway = self.enterContext(Gateway(config=POLICY.format(port=self.opa.port, ttl=ttl), connectors=["mqtt", "websocket", "rest"]))

    def client(self, name):
        client = self.enterContext(Client(self.gateway.ports["mqtt"], wait_seconds=60))
        client.connect(name)
        return client

    def test_mqtt(self):
        self.start()
        client = self.client("phone")
        self.assertEqual(client.subscribe("open/#", "own/phone/#", "own/tablet/#", "#"), [0, 0, 0x87, 0x87])
        self.assertEqual(client.publish("closed/a", b"x", qos=1), 0x87)
        self.assertEqual(client.publish("own/tablet/a", b"x", qos=2), 0x87)
        client.send(mqtt.publish(mqtt.V5, "open/a", b"x", 0, None))
        self.assertEqual(client.receive().payload, b"x")

    def test_paho(self):
        self.start()
        with PahoClient(self.gateway.ports["mqtt"], client_id="phone") as client:
            self.assertEqual(client.subscribe("own/phone/#"), [1])
            client.publish(Message("own/phone/a", b"mine", qos=1))
            self.assertEqual(client.receive().payload, b"mine")

    def test_rest_and_websocket(self):
        self.start()
        curl = CurlClient(self.gateway.url())
        self.assertEqual(curl.call("POST", "/v1/topics/rest-only", b"x")[0], 202)
        status, _, body = curl.call("POST", "/v1/topics/closed", b"x")
        self.assertEqual((status, json.loads(body)["detail"]), (403, "only below open/ and own/<session>/"))
        self.assertEqual(curl.call("GET", "/v1/topics/closed")[0], 403)
        self.assertEqual(curl.call("POST", "/v1/topics/open/kept?retain=1", b"kept")[0], 202)
        self.assertEqual(curl.call("GET", "/v1/topics/open/kept")[2], b"kept")
        with WebSocketClient(f"ws://127.0.0.1:{self.gateway.ports['http']}/ws") as client:
            self.assertEqual(client.operate(op="publish", topic="rest-only", data="x")["op"], "error")
            self.assertEqual(client.operate(op="subscribe", filter="open/#")["op"], "ack")
            self.assertEqual(client.receive().payload, b"kept")

    def test_a_change_of_the_policy_counts_when_verdicts_are_over(self):
        self.start(REGO.replace('"ttl": 600', '"ttl": 0.2'))
        client = self.client("phone")
        self.assertLess(client.publish("open/a", b"x", qos=1), REFUSED)
        self.opa.replace_policy('package junctor\n\ndecision := {"allow": input.verb == "connect"} { true }\n')
        deadline = time.monotonic() + BACK_SECONDS
        while client.publish("open/a", b"x", qos=1) < REFUSED:
            self.assertLess(time.monotonic(), deadline, "a verdict outlives its time")
        self.opa.replace_policy("package other\n")
        self.assertEqual(client.publish("open/b", b"x", qos=1), 0x87, "without a rule: no")

    def explain(self, verb, topic, *more):
        done = subprocess.run([BINARY, "explain", "-c", self.gateway.config_file, "--as", "anonymous", "--verb", verb, "--topic", topic, *more],
                              capture_output=True, text=True, timeout=60, check=True)
        return done.stdout.splitlines()

    def test_explained_on_the_command_line(self):
        self.start()
        self.assertEqual(self.explain("publish", "open/a")[0], "opa: allow (opa)")
        self.assertEqual(self.explain("publish", "rest-only", "--protocol", "rest")[-1], "verdict: allow (opa)")
        self.assertEqual(self.explain("publish", "rest-only")[-1], "verdict: deny: only below open/ and own/<session>/ (opa)")
        self.assertEqual(self.explain("subscribe", "own/phone/#", "--client-id", "phone")[-1], "verdict: allow (opa)")
        self.opa.kill()
        self.assertEqual(self.explain("publish", "open/a")[-1], "verdict: deny: the policy service does not answer (opa: no answer, unreachable)")

    def test_killed_under_load_and_back(self):
        self.start()
        known, stranger = self.client("known"), self.client("stranger")
        self.assertLess(known.publish("open/a", b"x", qos=1), REFUSED)
        self.opa.kill()
        for n in range(500):
            self.assertGreaterEqual(stranger.publish(f"open/{n}", b"x", qos=1), REFUSED, "nobody says that this is allowed")
            self.assertLess(known.publish("open/a", b"x", qos=1), REFUSED, "what is known holds for its time")
        self.assertGreater(total(self.gateway, "junctor_authorizer_failures_total", authorizer="opa", verdict="deny"), 0)
        self.opa.start()
        deadline = time.monotonic() + BACK_SECONDS
        while stranger.publish("open/back", b"x", qos=1) >= REFUSED:
            self.assertLess(time.monotonic(), deadline, "it does not recover")


if __name__ == "__main__":
    unittest.main()
