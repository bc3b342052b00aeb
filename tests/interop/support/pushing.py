"""What stands between a homeserver and its application service, and keeps from it what the test says."""
import http.client
import http.server
import json
import threading

GO_ON_SECONDS = 60


class Withholding:
    """Use as a context, with `target`, the port of the service, set before anything comes. A transaction of which an event's content
    holds one of the texts of `withheld` is answered as if it had been taken, and kept in `kept`: so to the homeserver it is done."""

    def __init__(self):
        self.target = None
        self.withheld = []
        self.kept = []
        between = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if any(each in between.contents(body) for each in between.withheld):
                    between.kept.append((self.command, self.path, body, dict(self.headers)))
                    status, answer = 200, b"{}"
                else:
                    status, answer = between.forward(self.command, self.path, body, dict(self.headers))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_PUT = do_POST = serve

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)

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

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
