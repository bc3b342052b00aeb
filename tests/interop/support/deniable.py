"""What the clients of the deny matrix (`deny_matrix/`) have in common."""
import base64
import socket

SECONDS = 30


class Gone(Exception):
    """The gateway does not let this client in, or has sent it away."""


def connected(port, tls):
    plain = socket.create_connection(("127.0.0.1", port), SECONDS)
    return tls.wrap_socket(plain, server_hostname="localhost") if tls else plain


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()} if user else {}
