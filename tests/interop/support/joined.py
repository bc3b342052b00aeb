"""What two gateways that a backend joins have to do, whatever it is: they behave as one."""
from support.clients import PahoClient
from support.exchange import exchange
from support.message import Message
from support.requesters import REQUESTERS, RESPONDERS, TOPIC, exchange_request
from support.streams import PUBLISHERS, SUBSCRIBERS
from support.wait import SECONDS, until

# All that clients need, but nobody may say that he is a bridge.
POLICY = ("policy: {authenticators: [{type: anonymous, from: loopback}], "
          "authorizers: [{type: acl, rules: [{name: clients, allow: [connect, publish, subscribe, receive, request, presence]}]}]}\n")


def wait_for_backend(*gateways, seconds=SECONDS):
    for gateway in gateways:
        until(lambda: gateway.admin("/healthz") == "ok\n", "the gateway reaches its backend", seconds)


def exchange_ordered_pairs(test, one, two, *loads, **publishing):
    """From each kind of publisher at `one` to each kind of subscriber at `two`. A load: how many, of how many bytes, at most so many on the way."""
    for publisher_name, make_publisher in PUBLISHERS.items():
        for subscriber_name, make_subscriber in SUBSCRIBERS.items():
            topic = f"pairs/{publisher_name}/{subscriber_name}"
            with test.subTest(publisher=publisher_name, subscriber=subscriber_name):
                subscriber, publisher = make_subscriber(two, topic), make_publisher(one, **publishing)
                try:
                    for load in loads:
                        exchange(test, publisher, subscriber, topic, *load)
                finally:
                    publisher.close()
                    subscriber.close()


def all_of_a_message_crosses(test, one, two, topic):
    with PahoClient(one.ports["mqtt"]) as publisher, PahoClient(two.ports["mqtt"]) as subscriber:
        subscriber.subscribe(topic)
        publisher.publish(Message(topic, b"\x00\xff", "application/x", [("k", "1"), ("other", "x"), ("k", "2")], "answers/here", b"\x01\x00"))
        got = subscriber.receive()
        test.assertEqual((got.payload, got.content_type, got.headers, got.reply_to, got.correlation),
                         (b"\x00\xff", "application/x", [("k", "1"), ("other", "x"), ("k", "2")], "answers/here", b"\x01\x00"))


def requests_are_answered(test, one, two, requesters=REQUESTERS, responders=RESPONDERS):
    """Those of each kind of requester at `one`, by each kind of responder at `two`."""
    for responder_name, make in responders.items():
        with make(two) as responder:
            responder.subscribe(TOPIC)
            for requester_name, ask in requesters.items():
                with test.subTest(requester=requester_name, responder=responder_name):
                    exchange_request(test, lambda body: ask(one, body), responder)
