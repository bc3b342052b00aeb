"""A small policy service: the decision point of the AuthZEN specification (Authorization API 1.0) and a plain callout, with the same rules.
Runs as its own process, so that it can be killed; told over HTTP how to misbehave."""
import contextlib
import http.server
import json
import pathlib
import socketserver
import subprocess
import sys
import threading
import time
import urllib.request

from support.gateway import free_ports

MODES = ("good", "hang", "error", "garbage", "close")
GARBAGE = (b"<html><body>allow</body></html>", b'{"decision":"true"}', b'{"decision":1,"allow":"yes"}', b"[[[[[[", b'{"evaluations":[]}', b"\x00\xff", b"null",
           b'{"decision":true' + b" " * 200_000 + b"}")


def judge(user, verb, resource, session):
    """(allowed, reason): below open/ everybody may do everything, below own/<session> the session of that name; "reader" may read all."""
    if verb == "connect":
        return not session.startswith("banned"), "banned"
    if session == "reader" and verb == "subscribe":
        return True, ""
    allowed = resource.startswith("open/") or bool(session) and resource.startswith(f"own/{session}/")
    return allowed, f"{session or user} may not {verb} {resource}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_PUT(self):
        """Control: PUT /mode, PUT /ttl with the new value."""
        value = self._body().decode()
        setattr(self.server, self.path[1:], value if self.path == "/mode" else json.loads(value))
        self._answer(200, b"")

    def do_GET(self):
        self._answer(200, json.dumps(self.server.counts).encode())

    def do_POST(self):
        body = self._body()
        self.server.counts[self.path] = self.server.counts.get(self.path, 0) + 1
        getattr(self, "_" + self.server.mode)(body)

    def _body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _good(self, body):
        question = json.loads(body)
        if self.path == "/access/v1/evaluation":
            answer = self._evaluate(question)
        elif self.path == "/access/v1/evaluations":
            answer = {"evaluations": [self._evaluate({**question, **each}) for each in question["evaluations"]]}
        else:
            allowed, reason = judge(question["user"], question["verb"], question["object"], question["session"])
            answer = {"allow": allowed, "reason": reason, **self._ttl()}
        self._answer(200, json.dumps(answer).encode())

    def _evaluate(self, question):
        allowed, reason = judge(question["subject"]["id"], question["action"]["name"], question["resource"]["id"], question["context"]["session"])
        return {"decision": allowed, "context": {"reason_user": {"en": reason}, **self._ttl()}}

    def _ttl(self):
        return {} if self.server.ttl is None else {"ttl": self.server.ttl}

    def _hang(self, _):
        while self.server.mode == "hang":
            time.sleep(0.05)
        self.close_connection = True

    def _error(self, body):
        self._answer(503, b'{"decision":true,"allow":true}')

    def _garbage(self, _):
        self.server.garbage += 1
        self._answer(200, GARBAGE[self.server.garbage % len(GARBAGE)])

    def _close(self, _):
        self.close_connection = True

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), Handler)
        self.mode, self.ttl, self.garbage, self.counts = "good", None, 0, {}

    def handle_error(self, *_):
        """A gateway that ends a connection is no error of ours."""


class DecisionPoint:
    """Use as a context. `port` stays the same over a kill."""

    def __enter__(self):
        for _ in range(5):
            self.port = free_ports(1)[0]
            self.start()
            if self.process.poll() is None:
                return self
        raise AssertionError("the decision point did not start")

    def __exit__(self, *_):
        self.kill()

    def start(self):
        script = pathlib.Path(__file__)
        self.process = subprocess.Popen([sys.executable, "-B", "-m", f"support.{script.stem}", str(self.port)], cwd=script.parent.parent,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdout.readline()  # it listens, or has gone

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def put(self, name, value):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/{name}", method="PUT", data=value.encode())
        with urllib.request.urlopen(request, timeout=30):
            pass

    def mode(self, name):
        assert name in MODES
        self.put("mode", name)

    def count(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/counts", timeout=30) as answer:
            return json.load(answer).get(path, 0)


if __name__ == "__main__":
    server = Server(int(sys.argv[1]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("listening", flush=True)
    sys.stdin.read()  # until the test has gone
