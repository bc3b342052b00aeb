"""A real Synapse on a free port of loopback, with a user junctor-NAME@hs.localhost for each name given. Says
`port N token T...` in one line, a token for each of them, and ends with its input. After a line `again` there it is stopped and started
again with all that it had, and says `again`.

    homeserver.py NAME...             messages are not limited
    homeserver.py --limited NAME...   five messages a second, as `429` says to whoever sends more
    homeserver.py --service=FILE NAME...  with the application service of that registration; may stand there several times
    homeserver.py --tls=FOLDER NAME...  speaks TLS on a second port as well, with cert.pem and key.pem from there; ends the line with `tls M`"""
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

START_SECONDS = 180
SERVER = "hs.localhost"
NO_LIMIT = {"per_second": 10_000, "burst_count": 10_000}


def rates(limited):
    messages = {"per_second": 5, "burst_count": 5} if limited else NO_LIMIT
    nested = {"rc_login": ("address", "account", "failed_attempts"), "rc_joins": ("local", "remote"), "rc_invites": ("per_room", "per_user", "per_issuer")}
    return {"rc_message": messages, "rc_registration": NO_LIMIT, "rc_room_creation": NO_LIMIT, "rc_joins_per_room": NO_LIMIT,
            **{name: dict.fromkeys(parts, NO_LIMIT) for name, parts in nested.items()}}


def listener(port, **more):
    return {"port": port, "type": "http", "bind_addresses": ["127.0.0.1"], "x_forwarded": False, "resources": [{"names": ["client"]}], **more}


def tls(place, port):
    return {"tls_certificate_path": f"{place}/cert.pem", "tls_private_key_path": f"{place}/key.pem",
            "listeners": [listener(port, tls=True)]} if place else {"listeners": []}


def configuration(folder, port, limited, services, secured):
    listeners = [listener(port), *secured.pop("listeners")]
    return {**rates(limited), **secured, "server_name": SERVER, "report_stats": False, "signing_key_path": str(folder / "signing.key"), "pid_file": str(folder / "pid"),
            "listeners": listeners,
            "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}}, "log_config": str(folder / "log.yaml"),
            "media_store_path": str(folder / "media"), "trusted_key_servers": [], "suppress_key_server_warning": True, "federation_domain_whitelist": [],
            "registration_shared_secret": "shared", "macaroon_secret_key": "macaroon", "form_secret": "form", "app_service_config_files": services,
            "enable_registration": True, "enable_registration_without_verification": True}


def write(path, document):
    path.write_text(json.dumps(document))  # JSON is YAML
    return str(path)


def wait_ready(process, port):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_matrix/client/versions", timeout=5).close()
            return True
        except OSError:
            time.sleep(0.05)  # between two looks
    return False


def register(port, name):
    body = {"username": f"junctor-{name}", "password": f"password of {name}", "auth": {"type": "m.login.dummy"}}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/_matrix/client/v3/register", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["access_token"]


def free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def options(name):
    return [each.removeprefix(f"--{name}=") for each in sys.argv[1:] if each.startswith(f"--{name}=")]


def main():
    names = [each for each in sys.argv[1:] if not each.startswith("--")]
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        port, secure_port = free_ports(2)
        certificates = "".join(options("tls"))
        write(folder / "log.yaml", {"version": 1, "disable_existing_loggers": False, "root": {"level": "ERROR", "handlers": []}})
        config = write(folder / "homeserver.yaml", configuration(folder, port, "--limited" in sys.argv, options("service"), tls(certificates, secure_port)))
        command = [sys.executable, "-m", "synapse.app.homeserver", "-c", config]
        log = (folder / "output").open("w+b")
        environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
        subprocess.run([*command, "--generate-keys"], check=True, stdout=log, stderr=log, cwd=folder, env=environment)

        def start():
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env=environment)
        process = start()
        try:
            if not wait_ready(process, port):
                print("no homeserver:", (folder / "output").read_text(errors="replace")[-2000:].replace("\n", " "), flush=True)
                return 1
            tokens = [register(port, name) for name in names]
            print("port", port, *(f"token {token}" for token in tokens), *([f"tls {secure_port}"] if certificates else []), flush=True)
            for _ in filter("again\n".__eq__, sys.stdin):
                process.terminate()
                process.wait()
                process = start()
                print("again" if wait_ready(process, port) else "not again", flush=True)
        finally:
            process.terminate()
            process.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
