"""An identity provider in front of every protocol: discovery, rotation, outage, revocation."""
import contextlib
import threading
import time
import unittest

from support import raw, tokens
from support.gateway import Gateway
from support.identity_provider import IdentityProvider

WAIT_SECONDS = 30
OIDC = """policy:
  authenticators:
    - {{type: oidc, name: provider, issuer: "{issuer}", audience: [junctor], token_types: [at+jwt], from: [bearer, password], required_claims: [scope=mqtt],
       groups_claim: groups, unknown_key_interval: 1s}}
  authorizers: [{{type: allow_all}}]
"""
INTROSPECTION = """policy:
  authenticators:
    - {{type: introspection, name: provider, url: "{issuer}/token/introspection", client_id: gateway, client_secret: gateway-secret, name_claim: client_id,
       from: [bearer, password], required_claims: [scope=mqtt], remember: 1m, revoked_within: 500ms, timeout: 2s}}
  authorizers: [{{type: allow_all}}]
"""


def eventually(holds, what, seconds=WAIT_SECONDS):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)  # between two looks, not to let time pass


def opens(gateway, token):
    """Which doors the token opens."""
    return {name for name, show in tokens.DOORS.items() if show(gateway, token)[0]}


ALL = set(tokens.DOORS)


class Oidc(unittest.TestCase):
    def setUp(self):
        self.provider = self.enterContext(IdentityProvider())
        self.gateway = self.enterContext(Gateway(config=OIDC.format(issuer=self.provider.issuer)))
        eventually(lambda: self.provider.asked("/jwks") > 0, "the gateway fetches the keys by itself")

    def test_its_tokens_open_every_door(self):
        token = self.provider.token()
        eventually(lambda: opens(self.gateway, token) == ALL, "the keys are there")
        self.assertEqual(self.provider.asked("/jwks"), 1)

    def test_tokens_for_somebody_else_open_none(self):
        self.assertEqual(opens(self.gateway, self.provider.token(resource="urn:elsewhere")), set())
        self.assertEqual(opens(self.gateway, self.provider.token(resource="urn:opaque")), set())

    def test_forged_ones_open_none_and_cost_no_fetch(self):
        good = self.provider.token()
        eventually(lambda: opens(self.gateway, good) == ALL, "the keys are there")
        fetched = self.provider.asked("/jwks")
        header = {"alg": "RS256", "typ": "at+jwt", "kid": self.provider.kid()}
        claims = tokens.claims(self.provider.issuer, scope="mqtt")
        self.assertEqual(opens(self.gateway, self.provider.sign(header, claims)), ALL, "else those below would prove nothing")
        for name, token in {
            "a stranger's": self.provider.sign(header, claims, key="stranger"),
            "jku": self.provider.sign({**header, "jku": self.provider.issuer + "/stolen"}, claims),
            "not for us": self.provider.sign({**header, "kid": "unknown"}, {**claims, "aud": "other"}),
            "expired": self.provider.sign({**header, "kid": "unknown"}, {**claims, "exp": 1}),
            "without scope": self.provider.sign(header, {**claims, "scope": "email"}),
            "an ID token": self.provider.sign({**header, "typ": "JWT"}, claims),
        }.items():
            self.assertEqual(opens(self.gateway, token), set(), name)
        self.assertEqual(self.provider.asked("/jwks"), fetched)
        self.assertEqual(self.provider.asked("/stolen"), 0)

    def test_a_new_key_is_found_by_its_first_token(self):
        first = self.provider.token()
        eventually(lambda: opens(self.gateway, first) == ALL, "the keys are there")
        self.provider.rotate()
        second = self.provider.token()
        eventually(lambda: opens(self.gateway, second) == ALL, "the new key")
        self.assertEqual(opens(self.gateway, first), ALL, "the old key counts while it is published")
        self.provider.rotate(keep=False)
        third = self.provider.token()
        eventually(lambda: opens(self.gateway, third) == ALL, "the newest key")
        self.assertEqual(opens(self.gateway, second), set(), "a key that is withdrawn counts no more")

    def test_many_clients_with_unknown_keys_cause_few_fetches(self):
        token = self.provider.token()
        eventually(lambda: opens(self.gateway, token) == ALL, "the keys are there")
        fetched, begun = self.provider.asked("/jwks"), time.monotonic()
        claims = tokens.claims(self.provider.issuer, scope="mqtt")
        unknown = [self.provider.sign({"alg": "RS256", "typ": "at+jwt", "kid": f"unknown-{index}"}, claims) for index in range(20)]
        for each in unknown:
            self.assertEqual(opens(self.gateway, each), set())
        self.assertLessEqual(self.provider.asked("/jwks") - fetched, 2 + (time.monotonic() - begun))

    def test_while_it_is_away_its_keys_count_on(self):
        token = self.provider.token()
        eventually(lambda: opens(self.gateway, token) == ALL, "the keys are there")
        connection, _ = tokens.open_mqtt(self.gateway.ports["mqtt"], token, "stays")
        with connection, self.load(token) as results:
            self.provider.stop()
            self.assertEqual(opens(self.gateway, token), ALL)
            self.gateway.reload()
            self.assertEqual(opens(self.gateway, token), ALL, "after a reload too")
            self.provider.rotate(keep=False)  # while it is away
            self.provider.start()
            fresh = self.provider.token()
            eventually(lambda: opens(self.gateway, fresh) == ALL, "the new key, without anybody's help")
            connection.sendall(b"\xc0\0")
            self.assertEqual(raw.read_exactly(connection, 2), b"\xd0\0", "who is here stays")
        self.assertGreater(len(results), 0)

    @contextlib.contextmanager
    def load(self, token):
        """Clients come and go meanwhile. Until the key is withdrawn all of them get in."""
        results, stop = [], threading.Event()

        def come_and_go():
            while not stop.is_set():
                results.append(tokens.rest(self.gateway, token)[0])

        threads = [threading.Thread(target=come_and_go) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            yield results
        finally:
            stop.set()
            for thread in threads:
                thread.join()


class Start(unittest.TestCase):
    def test_without_the_provider_it_is_closed_until_that_comes(self):
        with IdentityProvider() as provider:
            token = provider.token()
            provider.stop()
            with Gateway(config=OIDC.format(issuer=provider.issuer)) as gateway:
                self.assertEqual(opens(gateway, token), set())
                eventually(lambda: "keys not fetched" in gateway.log(), "the log says why")
                provider.start()
                eventually(lambda: opens(gateway, token) == ALL, "it opens by itself")

    def test_metadata_of_another_issuer_is_not_taken(self):
        with IdentityProvider() as provider:
            other = provider.issuer.replace("127.0.0.1", "localhost")
            with Gateway(config=OIDC.format(issuer=other)) as gateway:
                eventually(lambda: "names another issuer" in gateway.log(), "the log says why")
                self.assertEqual(opens(gateway, provider.token()), set())
                self.assertEqual(provider.asked("/jwks"), 0)


class Introspection(unittest.TestCase):
    def setUp(self):
        self.provider = self.enterContext(IdentityProvider())
        self.gateway = self.enterContext(Gateway(config=INTROSPECTION.format(issuer=self.provider.issuer)))

    def test_opaque_tokens_open_every_door(self):
        self.assertEqual(opens(self.gateway, self.provider.token(resource="urn:opaque")), ALL)
        self.assertEqual(opens(self.gateway, "an-opaque-token-that-nobody-gave-out"), set())

    def test_a_revoked_token_ends_its_sessions(self):
        token, other = (self.provider.token(client, "urn:opaque") for client in ("device", "other"))
        sessions = [tokens.open_mqtt(self.gateway.ports["mqtt"], token, f"revoked-{index}")[0] for index in range(3)]
        stays, _ = tokens.open_mqtt(self.gateway.ports["mqtt"], other, "stays")
        with contextlib.ExitStack() as all_of_them:
            for session in (*sessions, stays):
                all_of_them.enter_context(session)
            self.provider.revoke(token)
            for session in sessions:  # half a second is configured; the rest is for machines that are busy
                self.assertTrue(raw.ends(session, 10))
            stays.sendall(b"\xc0\0")
            self.assertEqual(raw.read_exactly(stays, 2), b"\xd0\0")
        self.assertEqual(opens(self.gateway, token), set())

    def test_while_the_provider_is_away_nobody_new_comes_in_and_who_is_in_stays(self):
        token = self.provider.token(resource="urn:opaque")
        unseen = self.provider.token(resource="urn:opaque")
        connection, _ = tokens.open_mqtt(self.gateway.ports["mqtt"], token, "stays")
        with connection:
            self.provider.stop()
            self.assertEqual(opens(self.gateway, unseen), set())
            eventually(lambda: "token not introspected" in self.gateway.log(), "the log says why")
            connection.sendall(b"\xc0\0")
            self.assertEqual(raw.read_exactly(connection, 2), b"\xd0\0")
            self.provider.start()
            eventually(lambda: opens(self.gateway, unseen) == ALL, "it opens by itself")


if __name__ == "__main__":
    unittest.main()
