"""The servers that are measured: each one process, pinned to one processor, on free ports of loopback, without logs; with persistence where
their name ends in `-storing`, with rules for every verb and topic where it ends in `-ruled`."""
import contextlib
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import time

SERVER_CPU = "0"
START_SECONDS = 10


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def allow_many_descriptors():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Peer:
    """A running server: its process and, by protocol, the options with which the load generator finds it."""

    def __init__(self, name, command, addresses, folder):
        self.name = name
        self.addresses = addresses
        self.log = pathlib.Path(folder) / f"{name}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(["taskset", "-c", SERVER_CPU, *command], stdout=log, stderr=log, preexec_fn=allow_many_descriptors)

    def wait_until_it_accepts(self):
        deadline = time.monotonic() + START_SECONDS
        for options in self.addresses.values():
            while True:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{self.name} did not start:\n{self.log.read_text()}")
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", int(options[1]))):
                    break
                time.sleep(0.01)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def certificate(folder):
    """A self-signed one: its file and that of its key."""
    cert, key = f"{folder}/cert.pem", f"{folder}/key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=bench",
                    "-out", cert, "-keyout", key], check=True, capture_output=True)
    return cert, key


def mosquitto(folder, storing):
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        raise SystemExit("Debian's mosquitto is missing: apt-get install mosquitto (and systemctl disable --now mosquitto, if port 1883 is wanted)")
    tcp, tls, websocket = free_port(), free_port(), free_port()
    cert, key = certificate(folder)
    config = pathlib.Path(folder) / "mosquitto.conf"
    config.write_text(f"""allow_anonymous true
persistence {'true' if storing else 'false'}
persistence_location {folder}/
user root
log_type none
max_inflight_messages 1000
max_queued_messages 0
set_tcp_nodelay true
listener {tcp} 127.0.0.1
listener {tls} 127.0.0.1
certfile {cert}
keyfile {key}
listener {websocket} 127.0.0.1
protocol websockets
""")
    addresses = {"mqtt": ["--port", str(tcp)], "mqtt-tls": ["--port", str(tls)], "mqtt-ws": ["--port", str(websocket), "--path", "/"]}
    return Peer("mosquitto-storing" if storing else "mosquitto", [program, "-c", str(config)], addresses, folder)


RULES = """policy:
  authenticators: [{type: anonymous}]
  authorizers:
    - type: acl
      rules:
""" + "".join(f"""        - {{name: room {number}, deny: [publish, receive], topics: ["rooms/{number}/#", "+/rooms/{number}"], groups: [staff]}}
""" for number in range(500)) + """        - {allow: [connect]}
        - {name: the rest, allow: [publish, subscribe, receive], topics: ["#"]}
"""


def junctor(folder, binary, kind):
    tcp, tls, websocket, admin = free_port(), free_port(), free_port(), free_port()
    cert, key = certificate(folder)
    config = pathlib.Path(folder) / "junctor.yaml"
    config.write_text(f"""cores: 1
connectors:
  - {{type: mqtt, address: "127.0.0.1:{tcp}"}}
  - {{type: mqtt, address: "127.0.0.1:{tls}", tls: {{cert: {cert}, key: {key}}}}}
  - {{type: mqtt, address: "127.0.0.1:{websocket}", path: /mqtt}}
  - {{type: websocket, address: "127.0.0.1:{websocket}", path: /ws}}
admin: {{address: "127.0.0.1:{admin}"}}
""" + {"storing": f"store: {{dir: {folder}/store}}\n", "ruled": RULES}.get(kind, ""))
    addresses = {
        "mqtt": ["--port", str(tcp)],
        "mqtt-tls": ["--port", str(tls)],
        "mqtt-ws": ["--port", str(websocket), "--path", "/mqtt"],
        "json-ws": ["--port", str(websocket), "--path", "/ws"],
    }
    return Peer(f"junctor-{kind}" if kind else "junctor", [binary, "run", "-c", str(config)], addresses, folder)


def start(name, folder, binary):
    server, _, kind = name.partition("-")
    peer = mosquitto(folder, kind == "storing") if server == "mosquitto" else junctor(folder, binary, kind)
    peer.wait_until_it_accepts()
    return peer
