"""Threat 21: a web page uses nobody's gateway but its own: by Origin, for requests, event streams and WebSockets; and a cookie counts only
where it is configured, from a page that is known."""
import json
import unittest

from support import raw
from support.accounts import basic, gateway_with_users
from support.gateway import Gateway

FOREIGN = ("https://evil.example", "null", "http://localhost.evil.example", "http://evil.example:80", "file://")


class ForeignPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway())
        cls.port = cls.gateway.ports["http"]

    def status(self, request, *headers, body="", port=None):
        with raw.open_socket(port or self.port) as connection:
            lines = [f"{request} HTTP/1.1", f"Host: localhost:{port or self.port}", *headers, f"Content-Length: {len(body)}"]
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
            return int(raw.read_head(connection).split()[1])

    def preflight(self, *headers):
        """The head of the answer."""
        with raw.open_socket(self.port) as connection:
            lines = ["OPTIONS /v1/topics/a HTTP/1.1", f"Host: localhost:{self.port}", "Access-Control-Request-Method: POST", *headers]
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            return raw.read_head(connection).lower()

    def upgrade(self, *headers, path="/ws", protocol=None, port=None):
        with raw.open_socket(port or self.port) as connection:
            handshake = raw.websocket_handshake(path, protocol=protocol).replace(b"Host: localhost", f"Host: localhost:{port or self.port}".encode())
            connection.sendall(handshake[:-2] + "".join(header + "\r\n" for header in headers).encode() + b"\r\n")
            return int(raw.read_head(connection).split()[1])

    def test_foreign_pages_are_refused_everywhere(self):
        own = f"http://localhost:{self.port}"
        for origin, allowed in [(own, True), *((one, False) for one in FOREIGN)]:
            header = f"Origin: {origin}"
            self.assertEqual(self.status("POST /v1/topics/a", header, body="x") == 202, allowed, origin)
            self.assertEqual(self.status("POST /v1/topics/a", header, "Content-Type: text/plain", body="x") == 202, allowed, origin)
            self.assertEqual(self.status("GET /v1/topics/%23", header) == 200, allowed, origin)
            self.assertEqual(self.status("GET /v1/topics/%23", header, "Accept: text/event-stream") == 200, allowed, origin)
            self.assertEqual(self.upgrade(header) == 101, allowed, origin)
            self.assertEqual(self.upgrade(header, path="/mqtt", protocol="mqtt") == 101, allowed, origin)
            self.assertEqual("access-control-allow-origin" in self.preflight(header), allowed, origin)

    def test_a_name_that_resolves_to_this_machine_is_not_this_machines(self):
        with raw.open_socket(self.port) as connection:
            connection.sendall(b"POST /v1/topics/a HTTP/1.1\r\nHost: rebound.example\r\nOrigin: http://rebound.example\r\nContent-Length: 1\r\n\r\nx")
            self.assertEqual(int(raw.read_head(connection).split()[1]), 403)

    def test_a_rebound_page_reads_nothing_either(self):
        """Browsers send no Origin with what a page reads under its own name."""
        for header in (b"", b"Accept: text/event-stream\r\n"):
            with raw.open_socket(self.port) as connection:
                connection.sendall(b"GET /v1/topics/%23 HTTP/1.1\r\nHost: rebound.example\r\n" + header + b"\r\n")
                self.assertEqual(int(raw.read_head(connection).split()[1]), 401)

    def test_what_a_foreign_page_loads_without_reading_it_does_nothing(self):
        for site, destination in (("cross-site", "image"), ("same-site", "script"), ("cross-site", "iframe")):
            request = "GET /v1/topics/%23?session=victim&ack=1&wait=1ms"
            status = self.status(request, f"Sec-Fetch-Site: {site}", "Sec-Fetch-Mode: no-cors", f"Sec-Fetch-Dest: {destination}")
            self.assertEqual(status, 403)


class Cookie(ForeignPage):
    """The same with users, and a cookie in which a page keeps what its user shows."""

    @classmethod
    def setUpClass(cls):
        cls.gateway = gateway_with_users({"ann": "pencil"}, "{type: password_file, file: users}, {type: anonymous}", http="cookie: token")
        cls.enterClassContext(cls.gateway)
        cls.port = cls.gateway.ports["http"]

    # No authenticator here knows the token. With it somebody is refused, without it anonymous: so it shows whether the cookie counted.
    def test_a_cookie_counts_only_from_a_page_that_is_known(self):
        own, cookie = f"Origin: http://localhost:{self.port}", "Cookie: other=1; token=t.o.k"
        self.assertEqual(self.status("POST /v1/topics/a", cookie, own, body="x"), 401)
        self.assertEqual(self.status("POST /v1/topics/a", cookie, "Sec-Fetch-Site: same-origin", body="x"), 401)
        self.assertEqual(self.status("POST /v1/topics/a", cookie, body="x"), 202, "a request that does not say whose page sent it")
        link = ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document")
        self.assertEqual(self.status("GET /v1/topics/%23", cookie, *link), 200)
        self.assertEqual(self.status("POST /v1/topics/a", cookie, "Origin: https://evil.example", body="x"), 403)
        self.assertEqual(self.status("POST /v1/topics/a", cookie, own, basic("ann", "pencil"), body="x"), 202)

    def frame(self, *headers):
        with raw.open_socket(self.port) as connection:
            handshake = raw.websocket_handshake().replace(b"Host: localhost", f"Host: localhost:{self.port}".encode())
            connection.sendall(handshake[:-2] + "".join(header + "\r\n" for header in headers).encode() + b"\r\n")
            raw.read_head(connection)
            connection.sendall(raw.websocket_frame(b'{"op":"ping"}'))
            return json.loads(raw.read_websocket_frame(connection)[1])["op"]

    def test_a_cookie_of_a_handshake(self):
        self.assertEqual(self.frame("Cookie: token=x", f"Origin: http://localhost:{self.port}"), "error")
        self.assertEqual(self.frame("Cookie: token=x"), "pong")


class NoCookie(ForeignPage):
    @classmethod
    def setUpClass(cls):
        cls.gateway = gateway_with_users({"ann": "pencil"}, "{type: password_file, file: users}, {type: anonymous}")
        cls.enterClassContext(cls.gateway)
        cls.port = cls.gateway.ports["http"]

    def test_no_cookie_counts_by_default(self):
        self.assertEqual(self.status("POST /v1/topics/a", "Cookie: token=x; session=x", f"Origin: http://localhost:{self.port}", body="x"), 202)


if __name__ == "__main__":
    unittest.main()
