"""All ordered pairs of the four protocols: numbered binary messages, none lost, duplicated, reordered or changed. 1 and 2 cores.

With our own clients the conformance suite sends the full numbers on every run; here, with foreign ones, a tenth unless JUNCTOR_LONG is set."""
import os
import threading
import unittest

from support.gateway import Gateway
from support.streams import PUBLISHERS, SUBSCRIBERS

SCALE = 1 if os.environ.get("JUNCTOR_LONG") else 10
FILLING = bytes(range(0x80, 0x100)) * 512  # never valid UTF-8


def payload(number, size):
    return number.to_bytes(8, "big") + FILLING[:size - 8]


class OrderedPairs(unittest.TestCase):
    def exchange(self, gateway, publisher, subscriber, topic, count, size, window):
        """The publisher stays at most `window` messages ahead: QoS 0 hops may drop from a full queue, and that is not what is tested."""
        room = threading.Semaphore(window)
        trouble = []

        def publish():
            try:
                for number in range(count):
                    if not room.acquire(timeout=120):
                        return
                    publisher.publish(topic, payload(number, size))
                publisher.collect()
            except Exception as error:  # reported by the main thread
                trouble.append(error)

        thread = threading.Thread(target=publish)
        thread.start()
        try:
            for number in range(count):
                received = subscriber.receive()
                room.release()
                self.assertEqual(int.from_bytes(received[:8], "big"), number, trouble)
                self.assertEqual(received, payload(number, size))
        finally:
            thread.join(120)
        self.assertEqual(trouble, [])

    def check(self, cores):
        with Gateway(cores=cores) as gateway:
            for publisher_name, make_publisher in PUBLISHERS.items():
                for subscriber_name, make_subscriber in SUBSCRIBERS.items():
                    topic = f"pairs/{publisher_name}/{subscriber_name}"
                    with self.subTest(publisher=publisher_name, subscriber=subscriber_name):
                        subscriber, publisher = make_subscriber(gateway, topic), make_publisher(gateway)
                        try:
                            self.exchange(gateway, publisher, subscriber, topic, 10_000 // SCALE, 64, 1000)
                            self.exchange(gateway, publisher, subscriber, topic, 1_000 // SCALE, 64 << 10, 50)
                        finally:
                            publisher.close()
                            subscriber.close()

    def test_one_core(self):
        self.check(1)

    def test_two_cores(self):
        self.check(2)


if __name__ == "__main__":
    unittest.main()
