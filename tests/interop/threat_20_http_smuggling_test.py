"""Threat 20: a request whose end two readers could see differently is answered with 400, and the connection closes."""
import unittest

from support import raw
from support.bystander import Bystander
from support.gateway import Gateway

SMUGGLED = b"POST /v1/topics/smuggled?retain=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx"


def post(*headers, version=b"1.1", body=b""):
    lines = [b"POST /v1/topics/a HTTP/" + version, *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


HOST = b"Host: localhost"
CHUNKED = b"Transfer-Encoding: chunked"
VECTORS = {
    "length and chunked": post(HOST, b"Content-Length: 4", CHUNKED, body=b"0\r\n\r\n" + SMUGGLED),
    "chunked is not last": post(HOST, b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + SMUGGLED),
    "another encoding": post(HOST, b"Transfer-Encoding: gzip", body=SMUGGLED),
    "two encodings": post(HOST, b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n" + SMUGGLED),
    "encoding twice": post(HOST, CHUNKED, CHUNKED, body=b"0\r\n\r\n" + SMUGGLED),
    "encoding with a tab": post(HOST, b"Transfer-Encoding:\x0bchunked", body=b"0\r\n\r\n" + SMUGGLED),
    "chunked in HTTP/1.0": post(HOST, CHUNKED, version=b"1.0", body=b"0\r\n\r\n" + SMUGGLED),
    "two lengths": post(HOST, b"Content-Length: 0", b"Content-Length: 5", body=SMUGGLED),
    "list of lengths": post(HOST, b"Content-Length: 5, 5", body=SMUGGLED),
    "signed length": post(HOST, b"Content-Length: +5", body=SMUGGLED),
    "hexadecimal length": post(HOST, b"Content-Length: 0x5", body=SMUGGLED),
    "negative length": post(HOST, b"Content-Length: -1", body=SMUGGLED),
    "length of a huge number": post(HOST, b"Content-Length: 99999999999999999999", body=SMUGGLED),
    "space before the colon": post(HOST, b"Content-Length : 5", body=SMUGGLED),
    "folded header": post(HOST, b"X-A: b\r\n c", b"Content-Length: 0", body=SMUGGLED),
    "no host": post(b"Content-Length: 0", body=SMUGGLED),
    "two hosts": post(HOST, b"Host: other", b"Content-Length: 0", body=SMUGGLED),
    "bare line feeds": b"POST /v1/topics/a HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n" + SMUGGLED,
    "carriage return in a value": post(HOST, b"X-A: b\rContent-Length: 5", body=SMUGGLED),
    "nul in a value": post(HOST, b"X-A: b\0", b"Content-Length: 0", body=SMUGGLED),
    "chunk size with a sign": post(HOST, CHUNKED, body=b"+0\r\n\r\n" + SMUGGLED),
    "chunk size with 0x": post(HOST, CHUNKED, body=b"0x1\r\na\r\n0\r\n\r\n" + SMUGGLED),
    "chunk size overflow": post(HOST, CHUNKED, body=b"fffffffffffffffff\r\n" + SMUGGLED),
    "chunk without its line end": post(HOST, CHUNKED, body=b"1\r\naX0\r\n\r\n" + SMUGGLED),
    "endless chunk extension": post(HOST, CHUNKED, body=b"1;" + b"a" * 70_000 + b"\r\na\r\n0\r\n\r\n" + SMUGGLED),
    "endless trailer": post(HOST, CHUNKED, body=b"0\r\n" + b"X-A: " + b"a" * 70_000 + b"\r\n\r\n" + SMUGGLED),
}


class Smuggling(unittest.TestCase):
    def test_every_vector(self):
        with Gateway() as gateway, Bystander(gateway) as bystander:
            for name, request in VECTORS.items():
                with self.subTest(name), raw.open_socket(gateway.ports["http"]) as connection:
                    connection.sendall(request)
                    head = raw.read_head(connection)
                    self.assertRegex(head, r"^HTTP/1\.1 (400|413|431|501|505) ")
                    self.assertTrue(raw.ends(connection))
                bystander.check()
            with raw.open_socket(gateway.ports["http"]) as connection:
                connection.sendall(b"GET /v1/topics/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n")
                self.assertTrue(raw.read_head(connection).startswith("HTTP/1.1 404"), "a smuggled request was taken")


if __name__ == "__main__":
    unittest.main()
