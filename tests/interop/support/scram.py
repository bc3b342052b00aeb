"""The client's side of SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802), written from the specification with Python's own hashes."""
import base64
import hashlib
import hmac
import os


class Scram:
    def __init__(self, user, password, digest="sha256"):
        self.digest = digest
        self.mechanism = f"SCRAM-SHA-{digest[3:]}"
        self._password = password.encode()
        self._bare = f"n={user.replace('=', '=3D').replace(',', '=2C')},r={base64.b64encode(os.urandom(18)).decode()}"

    def first(self):
        return f"n,,{self._bare}".encode()

    def last(self, challenge):
        server_first = challenge.decode()
        fields = dict(part.split("=", 1) for part in server_first.split(","))
        assert fields["r"].startswith(self._bare.split("r=")[1]), "the nonce is not ours"
        salted = hashlib.pbkdf2_hmac(self.digest, self._password, base64.b64decode(fields["s"]), int(fields["i"]))
        key = self._mac(salted, b"Client Key")
        without_proof = f"c=biws,r={fields['r']}"
        self._auth = f"{self._bare},{server_first},{without_proof}".encode()
        signature = self._mac(hashlib.new(self.digest, key).digest(), self._auth)
        self._server_key = self._mac(salted, b"Server Key")
        return f"{without_proof},p={base64.b64encode(bytes(a ^ b for a, b in zip(key, signature))).decode()}".encode()

    def proves_the_server(self, message):
        return message == b"v=" + base64.b64encode(self._mac(self._server_key, self._auth))

    def _mac(self, key, text):
        return hmac.new(key, text, self.digest).digest()
