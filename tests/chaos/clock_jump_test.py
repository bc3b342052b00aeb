"""Fault clock: the wall clock jumps by hours and days, and nobody is cut off, no session and no message expires, no will goes out."""
import os
import pathlib
import tempfile
import unittest

from support import mqtt_packets as mqtt
from support.gateway import Gateway
from support.mqtt_client import Client

LIBRARIES = [path for path in pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")]
HOUR, DAY = 3600, 86_400


class WallClock:
    """What the gateway's clock on the wall shows, as seconds beside the true time; timers are not touched."""

    def __init__(self, folder):
        self._file = pathlib.Path(folder) / "time"
        self.jump(0)
        # A sanitizer's runtime wants to be first among the libraries; it may be second here.
        sanitizers = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
        self.environment = {"LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1", **sanitizers}

    def jump(self, seconds):
        self._file.write_text(f"{seconds:+d}\n")


@unittest.skipUnless(LIBRARIES, "libfaketime is not there (Debian package faketime): the clock cannot jump")
class ClockJump(unittest.TestCase):
    def connect(self, gateway, name, **options):
        client = Client(gateway.ports["mqtt"])
        self.addCleanup(client.cut)
        client.connack = client.connect(name, **options)
        return client

    def test_nothing_expires_and_nobody_is_cut_off(self):
        with tempfile.TemporaryDirectory() as folder:
            clock = WallClock(folder)
            with Gateway(connectors=["mqtt"], environment=clock.environment) as gateway:
                self.play(gateway, clock)

    def play(self, gateway, clock):
        online = self.connect(gateway, "online", keep_alive=60)
        online.subscribe(("will/#", 1), ("shown/#", 1))
        away = self.connect(gateway, "away", session_expiry=600, will=mqtt.Will("will/away", properties={"will_delay": 300}))
        away.subscribe(("queued", 1))
        away.cut()
        publisher = self.connect(gateway, "publisher", keep_alive=60)
        publisher.publish("queued", b"waits", 1, message_expiry=600)
        publisher.publish("retained", b"kept", 1, retain=True, message_expiry=600)
        for jump in (HOUR, -HOUR, DAY, -DAY, 0):
            with self.subTest(jump=jump):
                clock.jump(jump)
                self.assertLess(publisher.publish("shown/now", str(jump).encode(), 1), 0x80)
                online.receive(payload=str(jump).encode())  # and no will came before it
                reader = self.connect(gateway, f"reader{jump}")
                reader.subscribe(("retained", 1))
                self.assertGreater(reader.receive(payload=b"kept").properties["message_expiry"], 500)
                reader.cut()
        again = self.connect(gateway, "away", clean=False, session_expiry=600)
        self.assertEqual(again.connack.session_present, 1)
        self.assertGreater(again.receive(payload=b"waits").properties["message_expiry"], 500)


if __name__ == "__main__":
    unittest.main()
