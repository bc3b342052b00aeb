"""A server that is asked about credentials or rights, as JSON or a form; the test says what it answers."""
import json
import urllib.parse

from support.local_server import LocalServer, QuietHandler


class Callout(LocalServer):
    """Use as a context. `answer` gets what was asked and gives an object, or a status; `asked` holds (body, headers) of each question."""

    def __init__(self):
        self.asked = []
        self.answer = lambda asked: {"result": "deny"}
        callout = self

        class Handler(QuietHandler):
            def do_POST(self):
                body = self.read_body()
                form = "form-urlencoded" in self.headers["Content-Type"]
                asked = dict(urllib.parse.parse_qsl(body.decode())) if form else json.loads(body)
                callout.asked.append((asked, self.headers))
                answer = callout.answer(asked)
                self.respond(answer, b"") if isinstance(answer, int) else self.respond(200, json.dumps(answer).encode())

        super().__init__(Handler)
        self.url = f"{self.origin}/authenticate"
