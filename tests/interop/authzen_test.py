"""Decision points of others decide by the OpenID Authorization API 1.0 (AuthZEN): Cerbos, which speaks it, and Open Policy Agent, whose default
decision is one. Through three protocols, one by one and together, after a change of the policy, killed and back again."""
import json
import platform
import subprocess
import time
import unittest
import urllib.request

from support.accounts import basic, gateway_with_users
from support.cerbos import Cerbos
from support.clients import CurlClient
from support.deniable import Gone
from support.gateway import BINARY
from support.metrics import total
from support.mqtt_client import Client
from support.opa import OpenPolicyAgent

from deny_matrix import ROWS

USERS = {"ada": ("a-secret", "staff"), "bob": ("b-secret", ""), "banned": ("c-secret", "")}
REFUSED = 0x80  # reason codes from here on say no
BACK_SECONDS = 60

# Below open/ everybody, below own/<name>/ that one, below staff/ the group; banned may not come in.
CERBOS = """
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  version: default
  resource: {resource}
  rules:
    - actions: [publish, subscribe, request]
      effect: EFFECT_ALLOW
      roles: ["*"]
      condition:
        match:
          any:
            of:
              - expr: R.id.startsWith("{open}/")
              - expr: R.id.startsWith("own/" + P.id + "/")
              - expr: R.id.startsWith("staff/") && "staff" in P.attr.groups
"""
CERBOS_GATEWAY = """
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  version: default
  resource: gateway
  rules:
    - {actions: [connect], effect: EFFECT_ALLOW, roles: ["*"], condition: {match: {expr: P.id != "banned"}}}
"""
REGO = """
package junctor

import future.keywords.if
import future.keywords.in

authzen := {{"evaluations": [evaluation(each) | some each in input.evaluations]}} if input.evaluations
authzen := evaluation(input) if not input.evaluations

evaluation(asked) := {{"decision": true, "context": {{"ttl": 0.2}}}} if allowed(asked)
else := {{"decision": false, "context": {{"reason_user": {{"en": sprintf("%s may not %s %s", [asked.subject.id, asked.action.name, asked.resource.id])}}, "ttl": 0.2}}}}

allowed(asked) if {{ asked.action.name == "connect"; asked.subject.id != "banned" }}
allowed(asked) if startswith(asked.resource.id, "{open}/")
allowed(asked) if startswith(asked.resource.id, sprintf("own/%s/", [asked.subject.id]))
allowed(asked) if {{ startswith(asked.resource.id, "staff/"); "staff" in asked.subject.properties.groups }}
"""

AUTHORIZERS = """authorizers: [{{type: authzen, name: pdp, url: "{url}", timeout: 2s, allow_ttl: 200ms, deny_ttl: 200ms, verbs: [connect, publish, subscribe, request]{more}}},
  {{type: acl, rules: [{{allow: [admin]}}]}}]"""


class DecisionPoint:
    def setUp(self):
        self.service = self.enterContext(self.made())
        authorizers = AUTHORIZERS.format(url=self.service.url, more=self.endpoints())
        self.gateway = self.enterContext(gateway_with_users(USERS, "{type: password_file, file: users}, {type: anonymous}", authorizers, connectors=["mqtt", "websocket", "rest"]))

    def client(self, system, name):
        client = ROWS[system].Client(self.gateway.ports, name, USERS[name][0])
        self.addCleanup(client.cut)
        return client

    def mqtt(self, name):
        client = self.enterContext(Client(self.gateway.ports["mqtt"], wait_seconds=60))
        client.connect(name, username=name, password=USERS[name][0])
        return client

    def test_the_same_rights_through_each_protocol(self):
        for system in ("mqtt", "websocket", "rest"):
            for name, topic, allowed in (("ada", "open/a", True), ("ada", "closed/a", False), ("ada", "own/ada/a", True), ("ada", "own/bob/a", False),
                                         ("ada", "staff/a", True), ("bob", "staff/a", False), ("bob", "own/bob/a", True)):
                with self.subTest(system=system, name=name, topic=topic):
                    if system == "rest":
                        curl = CurlClient(self.gateway.url())
                        status = curl.call("POST", f"/v1/topics/{topic}", b"x", [basic(name, USERS[name][0])])[0]
                        self.assertEqual(status, 202 if allowed else 403)
                    else:
                        self.assertEqual(self.client(system, name).publish(topic), allowed)

    def test_who_may_not_come_in(self):
        for system in ("mqtt", "websocket"):
            with self.subTest(system=system), self.assertRaises(Gone):
                self.client(system, "banned")

    def test_filters_that_come_together_are_judged_together(self):
        ada, bob = self.mqtt("ada"), self.mqtt("bob")
        filters = ["open/#", "closed/#", "own/ada/#", "own/bob/#", "staff/+", "#"]
        before = total(self.gateway, "junctor_outbound_requests_total")
        self.assertEqual(ada.subscribe(*filters), [0, 0x87, 0, 0x87, 0, 0x87])
        self.assertEqual(total(self.gateway, "junctor_outbound_requests_total"), before + 1, "one request for six filters")
        self.assertEqual(bob.subscribe(*filters), [0, 0x87, 0x87, 0, 0x87, 0x87])

    def test_a_change_of_the_policy_counts_when_verdicts_are_over(self):
        ada = self.mqtt("ada")
        self.assertLess(ada.publish("open/a", b"x", qos=1), REFUSED)
        self.assertGreaterEqual(ada.publish("public/a", b"x", qos=1), REFUSED)
        self.change("public")
        deadline = time.monotonic() + BACK_SECONDS
        while ada.publish("public/a", b"x", qos=1) >= REFUSED or ada.publish("open/a", b"x", qos=1) < REFUSED:
            self.assertLess(time.monotonic(), deadline, "the change does not count")

    def test_explained(self):
        def explain(topic):
            command = [BINARY, "explain", "-c", self.gateway.config_file, "--as", "ada", "--group", "staff", "--verb", "publish", "--topic", topic]
            return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()[-1]

        self.assertEqual(explain("staff/a"), "verdict: allow (pdp)")
        self.assertRegex(explain("closed/a"), r"^verdict: deny: .+ \(pdp\)$")
        self.service.kill()
        self.assertEqual(explain("staff/a"), "verdict: deny: the policy service does not answer (pdp: no answer, unreachable)")

    def test_killed_and_back(self):
        ada = self.mqtt("ada")
        self.assertLess(ada.publish("open/a", b"x", qos=1), REFUSED)
        self.service.kill()
        deadline = time.monotonic() + BACK_SECONDS
        while ada.publish("open/a", b"x", qos=1) < REFUSED:
            self.assertLess(time.monotonic(), deadline, "a verdict outlives its time")
        for n in range(200):
            self.assertGreaterEqual(ada.publish(f"open/{n}", b"x", qos=1), REFUSED, "nobody says that this is allowed")
        self.assertGreater(total(self.gateway, "junctor_authorizer_failures_total", authorizer="pdp", verdict="deny"), 0)
        self.service.start()
        while ada.publish("open/a", b"x", qos=1) >= REFUSED:
            self.assertLess(time.monotonic(), deadline, "it does not recover")


@unittest.skipUnless(platform.machine() == "x86_64", "npm has Cerbos for x86_64 alone")
class ByCerbos(DecisionPoint, unittest.TestCase):
    """Its endpoints are where the specification has them, which its metadata confirm."""

    def made(self):
        return Cerbos({"gateway.yaml": CERBOS_GATEWAY, **{f"{each}.yaml": CERBOS.format(resource=each, open="open") for each in ("topic", "filter")}})

    def endpoints(self):
        with urllib.request.urlopen(self.service.url + "/.well-known/authzen-configuration", timeout=30) as answer:
            told = json.load(answer)
        self.assertEqual(told["access_evaluation_endpoint"], self.service.url + "/access/v1/evaluation")
        self.assertEqual(told["access_evaluations_endpoint"], self.service.url + "/access/v1/evaluations")
        return ""

    def change(self, open):
        self.service.replace("topic.yaml", CERBOS.format(resource="topic", open=open))


class ByOpenPolicyAgent(DecisionPoint, unittest.TestCase):
    """`POST /` answers both forms."""

    def made(self):
        return OpenPolicyAgent(REGO.format(open="open"), default_decision="junctor/authzen")

    def endpoints(self):
        return f', access_evaluation_endpoint: "{self.service.url}/", access_evaluations_endpoint: "{self.service.url}/"'

    def change(self, open):
        self.service.replace_policy(REGO.format(open=open))

    def test_its_reason_reaches_the_client(self):
        status, _, body = CurlClient(self.gateway.url()).call("POST", "/v1/topics/closed/a", b"x", [basic("ada", USERS["ada"][0])])
        self.assertEqual((status, json.loads(body)["detail"]), (403, "ada may not publish closed/a"))


if __name__ == "__main__":
    unittest.main()
