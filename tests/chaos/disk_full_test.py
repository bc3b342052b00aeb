"""Fault disk: a full disk is said to whoever wants something stored, stops nobody else, and is over when there is room again."""
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

from support import mqtt_packets as mqtt
from support.gateway import Gateway
from support.mqtt_client import Client

SIZE = 48 << 20
MESSAGE = b"x" * 20_000
RECOVERY_SECONDS = 60
SILENCE_SECONDS = 3


class SmallDisk:
    """A file system of its own that is soon full. Use as a context."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", self.folder], capture_output=True)
        self.mounted = done.returncode == 0
        return self

    def __exit__(self, *_):
        if self.mounted:
            subprocess.run(["umount", self.folder], check=True)
        self.folder.rmdir()

    def fill(self):
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            try:
                while filler.write(bytes(1 << 16)):
                    pass
            except OSError:
                pass

    def clear(self):
        (self.folder / "filler").unlink()


@unittest.skipUnless(os.geteuid() == 0, "a small file system can be mounted by root only")
class DiskFull(unittest.TestCase):
    def connect(self, gateway, name, **options):
        client = Client(gateway.ports["mqtt"], wait_seconds=30)
        self.addCleanup(client.cut)
        client.connack = client.connect(name, **options)
        return client

    def test_no_false_acknowledgement_and_recovery_by_itself(self):
        with SmallDisk() as disk:
            if not disk.mounted:
                self.skipTest("a small file system cannot be mounted here")
            with Gateway(connectors=["mqtt"], store="fsync", store_folder=disk.folder / "store") as gateway:
                self.play(gateway, disk)

    def play(self, gateway, disk):
        sleeping = self.connect(gateway, "sleeping", session_expiry=3600)
        sleeping.subscribe(("stored/#", 1))
        sleeping.leave()
        online = self.connect(gateway, "online")
        online.subscribe(("live/#", 0))
        publisher, other = self.connect(gateway, "publisher"), self.connect(gateway, "other")
        taken = [number for number in range(20) if self.publish(publisher, number) < 0x80]
        self.assertEqual(len(taken), 20)
        disk.fill()
        waiting = self.publish_until_full(publisher, taken)
        self.assertEqual(other.publish("stored/a", MESSAGE, 1), 0x97)
        other.publish("live/a", b"goes on", 0)
        online.receive(payload=b"goes on")
        self.assertEqual(gateway.admin("/healthz"), "degraded: the store cannot be written\n")
        newcomer = self.connect(gateway, "newcomer", session_expiry=3600)
        self.assertEqual(newcomer.subscribe(("stored/#", 1)), [0x97])
        disk.clear()
        begin = time.monotonic()
        if waiting is not None and publisher.expect(mqtt.PUBACK).reason < 0x80:
            taken.append(waiting)
        number = 1_000_000
        while self.publish(other, number) >= 0x80:
            self.assertLess(time.monotonic() - begin, RECOVERY_SECONDS)
            number += 1
        self.assertEqual(gateway.admin("/healthz"), "ok\n")
        self.assertEqual(newcomer.subscribe(("stored/#", 1)), [1])
        gateway.kill()
        gateway.start_again()
        self.expect_all(gateway, [*taken, number])

    def publish(self, publisher, number):
        return publisher.publish("stored/a", b"%d " % number + MESSAGE, 1)

    def publish_until_full(self, publisher, taken):
        """The message that got no answer; None: the last one was refused."""
        publisher.socket.settimeout(SILENCE_SECONDS)
        for number in range(1_000, 6_000):
            try:
                reason = self.publish(publisher, number)
            except AssertionError:  # no answer: it waits for room
                publisher.socket.settimeout(30)
                return number
            if reason >= 0x80:
                self.assertEqual(reason, 0x97)
                return None
            taken.append(number)
        raise AssertionError("the disk did not get full")

    def expect_all(self, gateway, numbers):
        gateway.wait_ready()
        client = self.connect(gateway, "sleeping", clean=False, session_expiry=3600)
        self.assertEqual(client.connack.session_present, 1)
        missing = set(numbers)
        while missing:
            missing.discard(int(client.receive().payload.split()[0]))


if __name__ == "__main__":
    unittest.main()
