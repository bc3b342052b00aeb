"""Users and groups of a real directory, OpenLDAP's slapd: by a bind with StartTLS or ldaps, by a search; names that try to be others; and a
directory that hangs, dies and comes back."""
import concurrent.futures
import pathlib
import time
import unittest

from support.accounts import basic
from support.clients import CurlClient
from support.directory import SUFFIX, Directory, group, person
from support.gateway import Gateway
from support.wait import until

PEOPLE = (person("ann", "pencil"), person("Bob", "second"), person("eve,x", "third", "eve\\,x"), group("operators", "ann", "Bob"), group("night shift", "ann"))

RULES = """authorizers: [{type: acl, rules: [{allow: [connect]}, {allow: [publish], topics: ["user/${user}"]},
  {allow: [publish], topics: [operators], groups: [operators]}, {allow: [publish], topics: [night], groups: ["night shift"]}]}]"""


class Ldap(unittest.TestCase):
    def gateway(self, directory, users=f'user_dn: "uid=${{user}},ou=people,{SUFFIX}"', url=None, further=""):
        groups = f'groups: {{base: "ou=groups,{SUFFIX}"}}'
        entry = f'{{type: ldap, url: "{url or directory.url}", ca: {directory.certificates.ca}, {users}, {groups}{further}}}'
        return self.enterContext(Gateway(config=f"policy:\n  authenticators: [{entry}]\n  {RULES}\n"))

    def publish(self, gateway, user, password, topic):
        with CurlClient(gateway.url()) as client:
            return client.call("POST", f"/v1/topics/{topic}", b"x", [basic(user, password)])[0]

    def judge(self, gateway):
        self.assertEqual(self.publish(gateway, "ann", "pencil", "user/ann"), 202)
        self.assertEqual(self.publish(gateway, "ann", "pencil", "operators"), 202)
        self.assertEqual(self.publish(gateway, "ann", "pencil", "night"), 202)
        self.assertEqual(self.publish(gateway, "Bob", "second", "night"), 403, "not in that group")
        self.assertEqual(self.publish(gateway, "bob", "second", "user/Bob"), 202, "called as the directory calls it")
        self.assertEqual(self.publish(gateway, "bob", "second", "user/bob"), 403)
        self.assertEqual(self.publish(gateway, " ANN ", "pencil", "user/ann"), 202)
        for user, password in (("ann", "wrong"), ("ann", ""), ("nobody", "pencil"), ("", "pencil"), ("*", "pencil"), ("ann)(uid=*", "pencil"),
                               ("ann,ou=people", "pencil"), ("ann+cn=ann", "pencil"), ("an*", "pencil"), ("ann\\", "pencil"), ("ann)(|(uid=*)", "pencil"),
                               ("\\2a", "pencil"), (f"ann,ou=people,{SUFFIX}", "pencil")):
            self.assertEqual(self.publish(gateway, user, password, "user/ann"), 401, user)

    def test_a_bind_as_the_user_with_start_tls(self):
        with Directory(*PEOPLE) as directory:
            gateway = self.gateway(directory)
            self.judge(gateway)
            self.assertEqual(self.publish(gateway, "eve,x", "third", "operators"), 403, "it is let in, with its comma, and is no operator")

    def test_a_search_over_ldaps(self):
        with Directory(*PEOPLE) as directory:
            (directory.folder / "service").write_text("service-secret\n")
            search = (f'search: {{base: "ou=people,{SUFFIX}", filter: "(&(objectClass=inetOrgPerson)(uid=${{user}}))", bind_dn: "cn=junctor,{SUFFIX}", '
                      f'bind_password: {{file: {directory.folder / "service"}}}}}')
            gateway = self.gateway(directory, search, f"ldaps://127.0.0.1:{directory.secure_port}")
            self.judge(gateway)
            self.assertEqual(self.publish(gateway, "eve,x", "third", "operators"), 403)

    def test_a_certificate_of_somebody_else_is_none(self):
        with Directory(*PEOPLE) as directory, Directory() as other:
            gateway = self.gateway(directory, further="")
            self.assertEqual(self.publish(gateway, "ann", "pencil", "user/ann"), 202)
            mistrusting = Gateway(config=f'policy:\n  authenticators: [{{type: ldap, url: "{directory.url}", ca: {other.certificates.ca}, '
                                         f'user_dn: "uid=${{user}},ou=people,{SUFFIX}"}}]\n  {RULES}\n')
            self.enterContext(mistrusting)
            self.assertEqual(self.publish(mistrusting, "ann", "pencil", "user/ann"), 401)
            until(lambda: "StartTLS" in mistrusting.log(), "the log says what went wrong")
            self.assertNotIn("pencil", mistrusting.log())

    def connections(self, directory):
        """The gateway's local ports of connections to the directory that stand now (/proc/net/tcp: 01 is ESTABLISHED)."""
        ports = set()
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            _, local, remote, state = line.split()[:4]
            if state == "01" and int(remote.split(":")[1], 16) == directory.port:
                ports.add(int(local.split(":")[1], 16))
        return ports

    def test_connections_are_kept_and_replaced(self):
        with Directory(*PEOPLE) as directory:
            (directory.folder / "service").write_text("service-secret\n")
            search = (f'search: {{base: "ou=people,{SUFFIX}", bind_dn: "cn=junctor,{SUFFIX}", bind_password: {{file: {directory.folder / "service"}}}}}')
            gateway = self.gateway(directory, search, further=", remember: 0s")
            self.assertEqual(self.publish(gateway, "ann", "pencil", "user/ann"), 202)
            kept = self.connections(directory)
            self.assertEqual(len(kept), 1)
            for user, password, status in (("Bob", "second", 202), ("ann", "wrong", 401), ("nobody", "pencil", 401), ("ann", "pencil", 202)) * 5:
                self.assertEqual(self.publish(gateway, user, password, "operators"), status, user)
                self.assertEqual(self.publish(gateway, user, password, "night"), 202 if user == "ann" and status == 202 else status if status == 401 else 403)
                self.assertEqual(self.connections(directory), kept, "the same one, whoever was bound there before")
            with concurrent.futures.ThreadPoolExecutor(40) as many:
                answers = list(many.map(lambda _: self.publish(gateway, "ann", "pencil", "operators"), range(200)))
            self.assertEqual(set(answers), {202})
            self.assertLessEqual(len(self.connections(directory)), 8)
            directory.stop()
            directory.start()
            self.assertEqual(self.publish(gateway, "ann", "pencil", "user/ann"), 202, "nobody notices that the directory was started again")

    def test_while_it_is_away_nobody_new_is_let_in(self):
        with Directory(*PEOPLE) as directory:
            gateway = self.gateway(directory, further=", timeout: 1s, remember: 10m")
            self.assertEqual(self.publish(gateway, "ann", "pencil", "user/ann"), 202)
            for away, back in ((directory.hang, directory.go_on), (directory.stop, directory.start)):
                away()
                self.assertEqual(self.publish(gateway, "ann", "pencil", "user/ann"), 202, "who was found right a moment ago")
                self.assertEqual(self.publish(gateway, "ann", "wrong", "user/ann"), 401)
                self.assertEqual(self.publish(gateway, "Bob", "second", "operators"), 401)
                self.assertEqual(self.publish(gateway, "Bob", "", "operators"), 401)
                back()
                deadline = time.monotonic() + 30
                while self.publish(gateway, "eve,x", "third", "operators") != 403:
                    self.assertLess(time.monotonic(), deadline)
            until(lambda: "the directory is away" in gateway.log(), "the log says so")


if __name__ == "__main__":
    unittest.main()
