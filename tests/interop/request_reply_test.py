"""Requests across every pair of protocols that can express them."""
import unittest

from support.gateway import Gateway
from support.requesters import REQUESTERS, RESPONDERS, TOPIC, exchange_request


class RequestReply(unittest.TestCase):
    def test_every_pair(self):
        for cores in (1, 2):
            with Gateway(cores=cores) as gateway:
                for responder_name, make in RESPONDERS.items():
                    with make(gateway) as responder:
                        responder.subscribe(TOPIC)
                        for requester_name, ask in REQUESTERS.items():
                            with self.subTest(cores=cores, requester=requester_name, responder=responder_name):
                                exchange_request(self, lambda body: ask(gateway, body), responder)


if __name__ == "__main__":
    unittest.main()
