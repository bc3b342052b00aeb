"""A certificate authority and a certificate for localhost, made by openssl when the test runs."""
import datetime
import pathlib
import subprocess
import tempfile


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Certificates:
    """`client_ca`: clients may show a certificate of the same authority; `required`: they must."""

    def __init__(self, client_ca=False, required=False, crl=False):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        self.ca, self.ca_key, self.crl = self.folder / "ca.pem", self.folder / "ca-key.pem", self.folder / "crl.pem"
        openssl("req", "-x509", *EC, "-days", "2", "-subj", "/CN=test authority", "-keyout", self.ca_key, "-out", self.ca)
        self.cert, self.key = self.issue("server", "/CN=localhost", "DNS:localhost,IP:127.0.0.1")
        self.settings = f"cert: {self.cert}, key: {self.key}"
        if client_ca:
            self.settings += f", client_ca: {self.ca}, client_cert: {'required' if required else 'optional'}"
        if crl:
            self.revoke()
            self.settings += f", crl: {self.crl}"

    def issue(self, name, subject, names=None, days=2):
        """(certificate, key)"""
        cert, key, request, extensions = (self.folder / f"{name}{end}" for end in ("-cert.pem", "-key.pem", ".request", ".extensions"))
        openssl("req", *EC, "-utf8", "-subj", subject, "-multivalue-rdn", "-keyout", key, "-out", request)
        extensions.write_text(f"subjectAltName={names}\n" if names else "basicConstraints=CA:FALSE\n")
        openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.ca_key, "-days", days, "-extfile", extensions, "-out", cert)
        return cert, key

    def issue_for_seconds(self, name, subject, seconds):
        """(certificate, key) of a client; it ends so soon."""
        config = self._register()
        cert, key, request = (self.folder / f"{name}{end}" for end in ("-cert.pem", "-key.pem", ".request"))
        openssl("req", *EC, "-subj", subject, "-keyout", key, "-out", request)
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
        openssl("ca", "-batch", "-config", config, "-keyfile", self.ca_key, "-cert", self.ca, "-in", request, "-out", cert, "-notext", "-enddate",
                end.strftime("%Y%m%d%H%M%SZ"))
        return cert, key

    def revoke(self, *certificates):
        """Writes the list of revoked certificates anew."""
        config = self._register()
        for certificate in certificates:
            openssl("ca", "-config", config, "-keyfile", self.ca_key, "-cert", self.ca, "-revoke", certificate)
        openssl("ca", "-config", config, "-keyfile", self.ca_key, "-cert", self.ca, "-gencrl", "-out", self.crl)

    def _register(self):
        """What `openssl ca` keeps its books with."""
        index, config = self.folder / "index.txt", self.folder / "ca.cnf"
        if not index.exists():
            index.write_text("")
            (self.folder / "serial").write_text("1000\n")
            (self.folder / "crlnumber").write_text("01\n")
            config.write_text(f"[ca]\ndefault_ca=d\n[d]\ndatabase={index}\nserial={self.folder}/serial\ncrlnumber={self.folder}/crlnumber\n"
                              f"new_certs_dir={self.folder}\ndefault_md=sha256\ndefault_crl_days=1\npolicy=p\nunique_subject=no\n"
                              "[p]\ncommonName=supplied\n")
        return config

    def remove(self):
        self._folder.cleanup()
