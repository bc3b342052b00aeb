"""OpenLDAP's slapd on loopback, in a folder of its own, with StartTLS: people and groups below dc=example,dc=org."""
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from support.certificates import Certificates
from support.gateway import free_ports

SUFFIX = "dc=example,dc=org"
ENVIRONMENT = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}

CONFIGURATION = """include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {folder}/pid
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCACertificateFile {certificates.ca}
TLSCertificateFile {certificates.cert}
TLSCertificateKeyFile {certificates.key}
{further}
database mdb
suffix "{suffix}"
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=junctor,{suffix}" read by self read by dn.children="ou=people,{suffix}" read by anonymous auth by * none
"""

ENTRIES = """dn: {suffix}
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,{suffix}
objectClass: organizationalUnit
ou: people

dn: ou=groups,{suffix}
objectClass: organizationalUnit
ou: groups

dn: cn=junctor,{suffix}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: junctor
userPassword: service-secret
"""


def person(uid, password, escaped=None):
    return (f"\ndn: uid={escaped or uid},ou=people,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid}\nsn: {uid}\nuserPassword: {password}\n")


def group(name, *members):
    return f"\ndn: cn={name},ou=groups,{SUFFIX}\nobjectClass: groupOfNames\ncn: {name}\n" + "".join(
        f"member: uid={member},ou=people,{SUFFIX}\n" for member in members)


class Directory:
    def __init__(self, *entries, further=""):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        self.certificates = Certificates()
        self.port, self.secure_port = free_ports(2)
        (self.folder / "data").mkdir()
        self._configuration = self.folder / "slapd.conf"
        self._configuration.write_text(CONFIGURATION.format(folder=self.folder, certificates=self.certificates, suffix=SUFFIX, further=further))
        (self.folder / "entries.ldif").write_text(ENTRIES.format(suffix=SUFFIX) + "".join(entries))
        subprocess.run(["slapadd", "-f", self._configuration, "-l", self.folder / "entries.ldif"], check=True, capture_output=True, env=ENVIRONMENT)
        self.process = None

    # By address: libldap takes "localhost" for this machine's own name, and looks for that in the certificate.
    @property
    def url(self):
        return f"ldap://127.0.0.1:{self.port}"

    def start(self):
        addresses = f"ldap://127.0.0.1:{self.port}/ ldaps://127.0.0.1:{self.secure_port}/"
        self.process = subprocess.Popen(["slapd", "-4", "-f", self._configuration, "-h", addresses, "-d", "0"], env=ENVIRONMENT,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while subprocess.run(["ldapwhoami", "-x", "-H", self.url], capture_output=True).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < deadline, "slapd does not answer"

    def hang(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        self.certificates.remove()
        self._folder.cleanup()
