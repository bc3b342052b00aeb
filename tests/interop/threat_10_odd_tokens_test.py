"""Threat 10: tokens that are missing, halved or doubled never let anybody in, nor become those of nobody in particular."""
import contextlib
import struct
import unittest

from support import raw, tokens
from support.gateway import Gateway

SECRET = "0123456789abcdef0123456789abcdef"
JWT = f'{{type: jwt, algorithms: [HS256], secret: {SECRET}, issuer: "https://issuer.example", audience: [junctor], from: [bearer, password]}}'
POLICY = "policy: {{authenticators: [{chain}], authorizers: [{{type: allow_all}}]}}\n"
USER, PASSWORD = 0x80, 0x40


def good():
    return tokens.hmac_token(SECRET.encode(), {"alg": "HS256", "typ": "at+jwt"}, tokens.claims())


def connect(gateway, version, flags, fields):
    """The reason code of the answer; None where there is none."""
    properties = b"\0" if version == 5 else b""
    head = raw.mqtt_text("MQTT") + bytes([version, 2 | flags]) + struct.pack(">H", 60) + properties + raw.mqtt_text("odd")
    with raw.open_socket(gateway.ports["mqtt"]) as connection:
        connection.sendall(raw.mqtt_packet(0x10, head + b"".join(raw.mqtt_text(field) for field in fields)))
        with contextlib.suppress(ConnectionError):
            return raw.read_mqtt_packet(connection)[1][1]
    return None


def post(gateway, headers):
    """The status of a publish with these header lines."""
    lines = ["POST /v1/topics/odd HTTP/1.1", "Host: localhost", "Content-Length: 1", "Connection: close", *headers]
    with raw.open_socket(gateway.ports["http"]) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\nx").encode())
        return int(raw.read_head(connection).split()[1])


class OddTokens(unittest.TestCase):
    def test_without_anonymous_nobody_comes_in_without_a_token(self):
        with Gateway(config=POLICY.format(chain=JWT)) as gateway:
            token = good()
            for version in (4, 5):
                self.assertEqual(connect(gateway, version, USER | PASSWORD, ["u", token]), 0)
                for what, flags, fields in (("nothing", 0, []), ("a user alone", USER, ["u"]), ("an empty password", USER | PASSWORD, ["u", ""]),
                                            ("an empty user and password", USER | PASSWORD, ["", ""]), ("the token as the user", USER, [token]),
                                            ("the token in the wrong place", USER | PASSWORD, [token, "x"]), ("half a token", USER | PASSWORD, ["u", token[:40]])):
                    self.assertNotEqual(connect(gateway, version, flags, fields), 0, f"{what}, version {version}")
            self.assertLess(post(gateway, [f"Authorization: Bearer {token}"]), 300)
            for headers in ([], ["Authorization:"], ["Authorization: Bearer"], ["Authorization: Bearer "], [f"Authorization: {token}"], [f"Authorization: Token {token}"],
                            [f"Authorization: Bearer {token} x"], [f"Authorization: Bearer {token},{token}"], [f"Authorization: Bearer x", f"Authorization: Bearer {token}"],
                            [f"Cookie: token={token}"], [f"X-Authorization: Bearer {token}"]):
                self.assertIn(post(gateway, headers), (400, 401, 403), headers)

    def test_beside_anonymous_wrong_credentials_do_not_become_none(self):
        with Gateway(config=POLICY.format(chain=JWT + ", {type: anonymous}")) as gateway:
            self.assertEqual(connect(gateway, 4, 0, []), 0, "who shows nothing is anonymous")
            self.assertLess(post(gateway, []), 300)
            bad = good()[:-2]
            for version in (4, 5):
                for fields in (["u", bad], ["u", "no token"], ["u", "a.b.c"]):
                    self.assertNotEqual(connect(gateway, version, USER | PASSWORD, fields), 0, fields)
                self.assertNotEqual(connect(gateway, version, USER, ["u"]), 0, "a name is more than nothing")
            for header in (f"Authorization: Bearer {bad}", "Authorization: Bearer opaque", "Authorization: Basic dTpw"):
                self.assertIn(post(gateway, [header]), (401, 403), header)

    def test_nothing_happens_before_connect(self):
        with Gateway(config=POLICY.format(chain=JWT)) as gateway:
            watcher, answer = tokens.open_mqtt(gateway.ports["mqtt"], good(), "watcher")
            with watcher:
                self.assertEqual(answer[1][1], 0)
                watcher.sendall(raw.mqtt_subscribe(["#"], version=4))
                self.assertEqual(raw.read_mqtt_packet(watcher)[0], 0x90)
                for first in (raw.mqtt_publish("odd", b"x", version=4), raw.mqtt_subscribe(["#"], version=4), b"\xc0\0", b"\xf0\0"):
                    with raw.open_socket(gateway.ports["mqtt"]) as connection:
                        connection.sendall(first)
                        self.assertTrue(raw.ends(connection))
                watcher.sendall(b"\xc0\0")
                self.assertEqual(raw.read_mqtt_packet(watcher)[0], 0xD0, "nothing was published")


if __name__ == "__main__":
    unittest.main()
