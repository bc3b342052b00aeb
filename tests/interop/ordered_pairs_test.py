"""All ordered pairs of the four protocols: numbered binary messages, none lost, duplicated, reordered or changed. 1 and 2 cores.

With our own clients the conformance suite sends the full numbers on every run; here, with foreign ones, a tenth unless JUNCTOR_LONG is set."""
import os
import unittest

from support.exchange import exchange
from support.gateway import Gateway
from support.streams import PUBLISHERS, SUBSCRIBERS

SCALE = 1 if os.environ.get("JUNCTOR_LONG") else 10

class OrderedPairs(unittest.TestCase):
    def check(self, cores):
        with Gateway(cores=cores) as gateway:
            for publisher_name, make_publisher in PUBLISHERS.items():
                for subscriber_name, make_subscriber in SUBSCRIBERS.items():
                    topic = f"pairs/{publisher_name}/{subscriber_name}"
                    with self.subTest(publisher=publisher_name, subscriber=subscriber_name):
                        subscriber, publisher = make_subscriber(gateway, topic), make_publisher(gateway)
                        try:
                            exchange(self, publisher, subscriber, topic, 10_000 // SCALE, 64, 1000)
                            exchange(self, publisher, subscriber, topic, 1_000 // SCALE, 64 << 10, 50)
                        finally:
                            publisher.close()
                            subscriber.close()

    def test_one_core(self):
        self.check(1)

    def test_two_cores(self):
        self.check(2)


if __name__ == "__main__":
    unittest.main()
