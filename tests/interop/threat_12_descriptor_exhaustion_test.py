"""Threat 12: a process without descriptors turns clients away, neither spins nor harms those it has, and goes on when there are some."""
import contextlib
import os
import resource
import time
import unittest

from support import raw
from support.bystander import Bystander
from support.gateway import Gateway

SPARE = 20  # descriptors that are left for clients
WATCHED_SECONDS = 1.0


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def mqtt_client(port):
    """A connected client, or None when the gateway turned it away."""
    connection = raw.open_socket(port)
    try:
        connection.sendall(raw.mqtt_connect(""))
        if raw.read_exactly(connection, 1) == b"\x20":
            return connection
    except ConnectionError:
        pass
    connection.close()
    return None


class DescriptorExhaustion(unittest.TestCase):
    def test_clients_are_turned_away_at_once_and_welcome_again(self):
        with Gateway() as gateway, Bystander(gateway) as bystander, contextlib.ExitStack() as clients:
            used = len(os.listdir(f"/proc/{gateway.pid}/fd"))
            _, hard = resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE, (used + SPARE, hard))
            served = []
            while (client := mqtt_client(gateway.ports["mqtt"])) is not None:
                served.append(clients.enter_context(client))
                self.assertLessEqual(len(served), SPARE)
            self.assertGreater(len(served), SPARE // 2)

            before, started = cpu_seconds(gateway.pid), time.monotonic()
            while time.monotonic() - started < WATCHED_SECONDS:
                bystander.check()
                self.assertIsNone(mqtt_client(gateway.ports["mqtt"]))
                time.sleep(0.05)  # so that what the gateway uses by itself shows
            self.assertLess(cpu_seconds(gateway.pid) - before, WATCHED_SECONDS / 2, "it spins")

            for client in served[:5]:
                client.close()
            deadline = time.monotonic() + 30
            while (again := mqtt_client(gateway.ports["mqtt"])) is None:
                self.assertLess(time.monotonic(), deadline, "accepting has not resumed")
            again.close()
            bystander.check()


if __name__ == "__main__":
    unittest.main()
