"""The `http` authenticator, against a server of the test's own."""
import unittest

from support import tokens
from support.callout import Callout
from support.gateway import Gateway

POLICY = """policy:
  authenticators: [{{type: http, url: "{url}", secret: callout-secret, remember: 1m, timeout: 2s}}]
  authorizers: [{{type: allow_all}}]
"""


def enters(gateway, password, client_id):
    connection, answer = tokens.open_mqtt(gateway.ports["mqtt"], password, client_id)
    with connection:
        return answer[1][1] == 0


class HttpAuthenticator(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(Callout())
        self.gateway = self.enterContext(Gateway(config=POLICY.format(url=self.server.url)))
        self.server.answer = lambda asked: {"result": "allow" if asked.get("password", asked.get("token")) == "right" else "deny", "name": "alice"}

    def test_the_server_says_who_gets_in(self):
        self.assertTrue(enters(self.gateway, "right", "c1"))
        self.assertFalse(enters(self.gateway, "wrong", "c2"))
        asked, headers = self.server.asked[0]
        self.assertEqual((asked["user"], asked["client_id"], asked["connector"]), ("token", "c1", "mqtt"))
        self.assertTrue(asked["peer"].startswith("127.0.0.1:"))
        self.assertEqual(headers["Authorization"], "Bearer callout-secret")

    def test_what_it_allowed_is_remembered_and_what_it_denied_is_not(self):
        for _ in range(3):
            self.assertEqual(tokens.rest(self.gateway, "right")[0], True)
            self.assertEqual(tokens.rest(self.gateway, "wrong")[0], False)
        passwords = [asked["token"] for asked, _ in self.server.asked]
        self.assertLessEqual(passwords.count("right"), self.gateway.cores)
        self.assertEqual(passwords.count("wrong"), 3)

    def test_answers_that_are_none_let_nobody_in(self):
        for answer in (500, 302, 204, 200, {}, {"result": True}, {"result": "allow", "name": ""}, {"result": "allow", "expires_at": 1}, []):
            self.server.answer = lambda asked, answer=answer: answer
            self.assertFalse(enters(self.gateway, "right", "c1"), answer)


if __name__ == "__main__":
    unittest.main()
