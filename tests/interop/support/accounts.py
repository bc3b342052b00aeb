"""A gateway that knows users by a password file, which `junctor passwd` has written."""
import base64
import subprocess

from support.gateway import BINARY, Gateway

ALLOW_ALL = "authorizers: [{type: allow_all}]"


def passwd(file, user, password=None, *options):
    done = subprocess.run([BINARY, "passwd", *options, file, user], input=password and password + "\n", capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert password is None or password not in done.stdout + done.stderr


def gateway_with_users(users, authenticators="{type: password_file, file: users}, {type: scram, file: users}", authorizers=ALLOW_ALL, **options):
    """`users`: name -> password, or (password, groups). Not entered yet."""
    gateway = Gateway(config=f"policy: {{authenticators: [{authenticators}], {authorizers}}}", **options)
    for name, secret in users.items():
        password, groups = secret if isinstance(secret, tuple) else (secret, "")
        passwd(gateway.folder / "users", name, password, "--scram", "--groups", groups)
    return gateway


def basic(user, password):
    return "Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
