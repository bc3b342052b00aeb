"""A real Matrix homeserver (tests/peers/matrix) with a user for each gateway, and a person who speaks its client-server API."""
import json
import os
import pathlib
import subprocess
import urllib.error
import urllib.parse
import urllib.request

HOME = pathlib.Path(os.environ.get("JUNCTOR_PEERS", "build/peers")) / "matrix"
SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "peers/matrix/homeserver.py"
STOP_SECONDS = 60
PACKET = 40 << 10


class Synapse:
    """Use as a context; `port`, and `tokens` by user. `limited`: five messages a second and user. `certificates`: a folder with cert.pem and
    key.pem, with which it speaks TLS on `tls_port`. `services`: registrations of application services."""

    def __init__(self, *users, limited=False, certificates=None, services=()):
        self.users = users or ("one", "two")
        self._options = ["--limited"] if limited else []
        self._options += [f"--tls={certificates}"] if certificates else []
        self._options += [f"--service={each}" for each in services]

    def __enter__(self):
        assert (HOME / "complete").exists(), f"no Synapse in {HOME}: run tests/peers/install"
        command = [HOME / "bin/python3", SCRIPT, *self._options, *self.users]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        words = self._process.stdout.readline().split()
        if words[:1] != ["port"]:
            self.__exit__()
            raise AssertionError(f"Synapse did not start: {words}")
        self.port = int(words[1])
        self.tokens = dict(zip(self.users, words[3::2]))
        self.tls_port = int(words[-1]) if words[-2] == "tls" else None
        return self

    def __exit__(self, *_):
        """It ends with its input."""
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(STOP_SECONDS)

    def restart(self):
        """Returns when it is back, with all that it had."""
        self._process.stdin.write("again\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        assert said == "again\n", said

    def call(self, user, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/_matrix/client/v3{path}", None if body is None else json.dumps(body).encode(),
                                         {"Authorization": f"Bearer {self.tokens[user]}", "Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def settings(self, name, port=None, rooms="[]", url=None):
        """How the gateway of that name is its user, as a flow mapping without the braces."""
        members = json.dumps([f"@junctor-{each}:hs.localhost" for each in self.users if each != name])
        return f"type: matrix, url: \"{url or f'http://127.0.0.1:{port or self.port}'}\", token: {self.tokens[name]}, room: \"#shared:hs.localhost\", " \
               f"members: {members}, rooms: {rooms}"


def path(*parts):
    return "".join("/" + urllib.parse.quote(each, safe="") for each in parts)
