"""What stands between a homeserver and its application service, and keeps from it what the test says."""
import http.client
import json

from support.local_server import LocalServer, QuietHandler

GO_ON_SECONDS = 60


class Withholding(LocalServer):
    """Use as a context, with `target`, the port of the service, set before anything comes. A transaction of which an event's content
    holds one of the texts of `withheld` is answered as if it had been taken, and kept in `kept`: so to the homeserver it is done."""

    def __init__(self):
        self.target = None
        self.withheld = []
        self.kept = []
        between = self

        class Handler(QuietHandler):
            def serve(self):
                body = self.read_body()
                if any(each in between.contents(body) for each in between.withheld):
                    between.kept.append((self.command, self.path, body, dict(self.headers)))
                    status, answer = 200, b"{}"
                else:
                    status, answer = between.forward(self.command, self.path, body, dict(self.headers))
                self.respond(status, answer)

            do_GET = do_PUT = do_POST = serve

        super().__init__(Handler)
        self.url = self.origin

    @staticmethod
    def contents(body):
        """Not what else an event says: state also tells what stood before."""
        return json.dumps([each["content"] for each in json.loads(body or "{}").get("events", [])], ensure_ascii=False).encode()

    def forward(self, method, path, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.target, timeout=GO_ON_SECONDS)
        try:
            connection.request(method, path, body, {name: value for name, value in headers.items() if name.lower() not in ("host", "connection")})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 502, b"{}"
        finally:
            connection.close()

    def let_go(self):
        """What was kept comes now, in the order in which it came; the statuses."""
        kept, self.kept, self.withheld = self.kept, [], []
        return [self.forward(*each)[0] for each in kept]
