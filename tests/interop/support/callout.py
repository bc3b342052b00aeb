"""A server that is asked about credentials or rights, as JSON or a form; the test says what it answers."""
import http.server
import json
import threading
import urllib.parse


class Callout:
    """Use as a context. `answer` gets what was asked and gives an object, or a status; `asked` holds (body, headers) of each question."""

    def __init__(self):
        self.asked = []
        self.answer = lambda asked: {"result": "deny"}
        callout = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                form = "form-urlencoded" in self.headers["Content-Type"]
                asked = dict(urllib.parse.parse_qsl(body.decode())) if form else json.loads(body)
                callout.asked.append((asked, self.headers))
                answer = callout.answer(asked)
                body = b"" if isinstance(answer, int) else json.dumps(answer).encode()
                self.send_response(answer if isinstance(answer, int) else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/authenticate"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
