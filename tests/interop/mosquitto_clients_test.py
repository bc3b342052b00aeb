"""mosquitto_pub, mosquitto_sub and mosquitto_rr, MQTT 3.1.1 and 5.0."""
import threading
import unittest

from support import mosquitto, record
from support.clients import PahoClient
from support.gateway import Gateway
from support.message import Message


class MosquittoClients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway())
        cls.port = cls.gateway.ports["mqtt"]

    def test_publish_and_subscribe_in_both_versions(self):
        for publisher in ("mqttv311", "mqttv5"):
            for subscriber in ("mqttv311", "mqttv5"):
                for qos in "01":
                    with self.subTest(publisher=publisher, subscriber=subscriber, qos=qos):
                        with mosquitto.Subscriber(self.port, "-V", subscriber, "-q", qos, "-t", "house/+/light") as received:
                            mosquitto.publish(self.port, "-V", publisher, "-q", qos, "-t", "house/hall/light", "-m", "on")
                            message = received.receive()
                        self.assertEqual((message["topic"], message["payload"], message["qos"]), ("house/hall/light", "on", int(qos)))

    def test_properties_of_version_5(self):
        with mosquitto.Subscriber(self.port, "-V", "mqttv5", "-t", "properties/#") as received:
            mosquitto.publish(self.port, "-V", "mqttv5", "-t", "properties/a", "-m", "{}", "-D", "publish", "content-type", "application/json", "-D",
                              "publish", "user-property", "colour", "green", "-D", "publish", "user-property", "size", "small", "-D", "publish",
                              "response-topic", "answers/here", "-D", "publish", "correlation-data", "c-1", "-D", "publish",
                              "message-expiry-interval", "600")
            properties = received.receive()["properties"]
        self.assertEqual(properties["content-type"], "application/json")
        self.assertEqual(properties["response-topic"], "answers/here")
        self.assertEqual(properties["correlation-data"], "c-1")
        self.assertEqual(properties["user-properties"], {"colour": "green", "size": "small"})
        self.assertTrue(590 <= properties["message-expiry-interval"] <= 600, properties)

    def test_retained_value_is_there_for_a_later_subscriber_until_it_is_cleared(self):
        mosquitto.publish(self.port, "-r", "-q", "1", "-t", "retained/a", "-m", "kept")
        with mosquitto.Subscriber(self.port, "-t", "retained/#") as received:
            message = received.receive()
            self.assertEqual((message["payload"], message["retain"]), ("kept", 1))
        mosquitto.publish(self.port, "-r", "-n", "-q", "1", "-t", "retained/a")
        with mosquitto.Subscriber(self.port, "-t", "retained/#") as received:
            mosquitto.publish(self.port, "-t", "retained/b", "-m", "first")
            self.assertEqual(received.receive()["topic"], "retained/b")

    def test_will_of_a_client_that_vanishes(self):
        with mosquitto.Subscriber(self.port, "-q", "1", "-t", "wills/+") as received:
            victim = mosquitto.Subscriber(self.port, "-t", "nothing", "--will-topic", "wills/victim", "--will-payload", "gone", "--will-qos", "1")
            victim.kill()
            self.assertEqual(received.receive()["payload"], "gone")

    def test_one_copy_for_overlapping_subscriptions_at_the_highest_qos(self):
        with mosquitto.Subscriber(self.port, "-q", "1", "-t", "overlap/#", "-t", "overlap/a") as received:
            for payload in ("first", "second"):
                mosquitto.publish(self.port, "-q", "1", "-t", "overlap/a", "-m", payload)
            self.assertEqual([received.receive()["payload"] for _ in range(2)], ["first", "second"])

    def test_request_and_response(self):
        with PahoClient(self.port) as responder:
            responder.subscribe("service/time")

            def answer():
                request = responder.receive()
                responder.publish(Message(request.reply_to, b"noon for " + request.payload, correlation=request.correlation))

            thread = threading.Thread(target=answer)
            thread.start()
            answer_text = mosquitto.request(self.port, "-V", "mqttv5", "-t", "service/time", "-e", "answers/rr", "-m", "you")
            thread.join()
        self.assertEqual(answer_text, "noon for you")


if __name__ == "__main__":
    record.main()
