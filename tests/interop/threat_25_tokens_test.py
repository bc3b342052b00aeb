"""Threat 25: tokens that look like good ones. Refused at every door, in the same words whatever is wrong with them."""
import json
import time
import unittest

from support import raw, tokens
from support.gateway import Gateway

HEADER = {"alg": "RS256", "typ": "at+jwt"}
POLICY = """policy:
  authenticators:
    - {{type: jwt, algorithms: [RS256], public_key: {public}, issuer: "https://issuer.example", audience: [junctor], token_types: [at+jwt],
       clock_skew: 1s, from: [bearer, password]}}
  authorizers: [{{type: allow_all}}]
"""


SECRET = b"0123456789abcdef0123456789abcdef"
SHORT_HEADER = {"alg": "HS256"}
SHORT_POLICY = """policy:
  authenticators:
    - {type: jwt, algorithms: [HS256], secret: {file: token.secret}, issuer: "https://issuer.example", audience: [junctor], clock_skew: 1s, from: [password]}
  authorizers: [{type: allow_all}]
"""


def short(header=None, secret=SECRET, **more):
    return tokens.hmac_token(secret, SHORT_HEADER | (header or {}), {key: value for key, value in {**tokens.claims(), **more}.items() if value is not None})


def forged_short():
    """The same, as far as there is room for them where a password has 255 bytes."""
    good = short()
    head, body, signature = good.split(".")
    now = tokens.claims()["iat"]
    found = {f"alg {name}": tokens.base64url(json.dumps({"alg": name})) + f".{body}." for name in ("none", "None", "nOnE")}
    found |= {f"alg {name}, signed": short({"alg": name}) for name in ("none", "HS384", "RS256", "ES256", "")}
    found |= {f"header {name}": short(more) for name, more in {"crit": {"crit": ["x"]}, "b64": {"b64": False}, "kid number": {"kid": 7}}.items()}
    found |= {f"claim {name}": short(**more) for name, more in {
        "exp text": {"exp": str(now + 600)}, "exp past": {"exp": now - 700}, "exp far": {"exp": 1e300}, "nbf later": {"nbf": now + 600, "iat": None},
        "aud other": {"aud": "other"}, "aud nested": {"aud": [["junctor"]]}, "iss other": {"iss": "https://issuer.exampl"}, "sub number": {"sub": 7},
        "sub control": {"sub": "a\nb"}}.items()}
    found |= {f"without {name}": short(**{name: None}) for name in ("exp", "aud", "iss", "sub")}
    found |= {
        "another secret": short(secret=SECRET[:-1]), "no secret": short(secret=b""), "empty signature": f"{head}.{body}.", "no signature": f"{head}.{body}",
        "signature of zeros": f"{head}.{body}.{tokens.base64url(bytes(32))}", "padding": f"{good}=", "dots": "..",
        "changed claims": f"{head}.{tokens.base64url(json.dumps({**tokens.claims(), 'sub': 'admin'}))}.{signature}",
    }
    return found


def forged(issuer):
    """What is wrong -> a token with that."""
    good = tokens.claims()
    soon = good["exp"]
    text = json.dumps(good)
    head, body, signature = issuer.token(HEADER, good).split(".")
    last = "A" if signature[-1] != "A" else "B"
    found = {f"alg {name}": tokens.base64url(json.dumps({**HEADER, "alg": name})) + f".{body}." for name in ("none", "None", "nOnE")}
    found |= {f"alg {name}, signed": issuer.token({**HEADER, "alg": name}, good) for name in ("none", "HS256", "PS256", "RS512", "ES256", "")}
    found |= {f"header {name}": issuer.token({**HEADER, **more}, good) for name, more in {
        "jku": {"jku": "http://169.254.169.254/latest"}, "x5u": {"x5u": "https://evil.example"}, "jwk": {"jwk": {"kty": "oct", "k": "AAAA"}},
        "crit": {"crit": ["x"], "x": 1}, "b64": {"b64": False, "crit": ["b64"]}, "of an ID token": {"typ": "JWT"}, "kid number": {"kid": 7}}.items()}
    found |= {f"claim {name}": issuer.token(HEADER, {**good, **more}) for name, more in {
        "exp text": {"exp": str(soon)}, "exp fraction": {"exp": soon + 0.5}, "exp negative": {"exp": -soon}, "exp past": {"exp": soon - 700},
        "exp far": {"exp": 1e300}, "nbf text": {"nbf": "0"}, "nbf later": {"nbf": soon}, "aud other": {"aud": "other"}, "aud of others": {"aud": ["a", "b"]},
        "aud nested": {"aud": [["junctor"]]}, "iss other": {"iss": "https://issuer.example.evil"}, "id token": {"at_hash": "x"},
        "sub number": {"sub": 7}, "sub control": {"sub": "a\nb"}}.items()}
    found |= {f"without {name}": issuer.token(HEADER, {key: value for key, value in good.items() if key != name}) for name in ("exp", "aud", "iss", "sub")}
    found |= {
        "the public key as a secret": tokens.hmac_token(issuer.public.read_bytes(), {**HEADER, "alg": "HS256"}, good),
        "empty signature": f"{head}.{body}.",
        "no signature": f"{head}.{body}",
        "signature of zeros": f"{head}.{body}.{tokens.base64url(bytes(256))}",
        "another signature": f"{head}.{body}.{signature[:-1]}{last}",
        "padding": f"{head}.{body}.{signature}=",
        "a part more": f"{head}.{body}.{signature}.{signature}",
        "the other alphabet": f"{head}.{body}.{signature.replace('-', '+').replace('_', '/')}+",
        "changed claims": f"{head}.{tokens.base64url(text.replace('alice', 'admin'))}.{signature}",
        "header twice": issuer.token('{"alg":"none","alg":"RS256","typ":"at+jwt"}', good),
        "claim twice": issuer.token(HEADER, text[:-1] + ',"sub":"admin"}'),
        "exp 1e400": issuer.token(HEADER, text.replace(str(soon), "1e400")),
        "deep": issuer.token(HEADER, text[:-1] + ',"x":' + "[" * 200 + "]" * 200 + "}"),
        "a megabyte": issuer.token(HEADER, {**good, "x": "x" * (1 << 20)}),
        "fifty kilobytes": issuer.token(HEADER, {**good, "x": "x" * 36_000}),
        "no UTF-8": issuer.token(HEADER, text[:-1].encode() + b',"x":"\xff"}'),
    }
    return found


TOO_LARGE = ("431", "413", "too_large")
DOORS = {**tokens.DOORS, "vertx": tokens.vertx}


class Tokens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.issuer = tokens.Issuer()
        cls.addClassCleanup(cls.issuer.remove)
        cls.gateway = cls.enterClassContext(Gateway(config=POLICY.format(public=cls.issuer.public), connectors=["mqtt", "mqtt-ws", "websocket", "rest", "vertx"]))

    def test_a_good_one_opens_every_door(self):
        token = self.issuer.token(HEADER, tokens.claims())
        for name, show in DOORS.items():
            self.assertEqual(show(self.gateway, token)[0], True, name)

    def test_none_of_the_attack_list_opens_any(self):
        attacks = forged(self.issuer)
        self.assertGreaterEqual(len(attacks), 50)
        for door, show in DOORS.items():
            words = {}
            for attack, token in attacks.items():
                opened, answer = show(self.gateway, token)
                self.assertIn(opened, (False, None), f"{attack} at {door}: {answer}")
                if opened is False and answer != "closed":
                    words.setdefault(str(answer), attack)
            words = {answer for answer, attack in words.items() if not any(each in answer for each in TOO_LARGE)}
            self.assertEqual(len(words), 1, f"{door} tells attacks apart: {words}")

    def test_it_goes_on_after_all_that(self):
        self.test_a_good_one_opens_every_door()

    def test_a_session_ends_with_its_token(self):
        token = self.issuer.token(HEADER, {**tokens.claims(), "exp": int(time.time()) + 2})
        connection, answer = tokens.open_mqtt(self.gateway.ports["mqtt"], token, "brief")
        with connection:
            self.assertEqual(answer[1][1], 0)
            self.assertTrue(raw.ends(connection, 10), "exp, a second of skew, and at most a second more; the rest is for machines that are busy")


class TokensAtZeroMQ(unittest.TestCase):
    def test_none_of_the_attack_list_opens_any_socket(self):
        gateway = Gateway(config=SHORT_POLICY, connectors=["zeromq"], zeromq="mechanism: plain")
        (gateway.folder / "token.secret").write_bytes(SECRET)
        attacks = forged_short()
        self.assertEqual([name for name, token in attacks.items() if len(token) > 255], [], "not shown at all")
        with gateway:
            for door, show in tokens.ZEROMQ_DOORS.items():
                self.assertEqual(show(gateway, short())[0], True, door)
                words = set()
                for attack, token in attacks.items():
                    opened, answer = show(gateway, token)
                    self.assertEqual(opened, False, f"{attack} at {door}: {answer}")
                    words.add(answer)
                self.assertEqual(len(words), 1, f"{door} tells attacks apart: {words}")
                self.assertEqual(show(gateway, short())[0], True, door)


if __name__ == "__main__":
    unittest.main()
