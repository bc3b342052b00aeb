"""Fault overload: ten times the connections and ten times the messages that there is room for. What is refused is told, what was taken
arrives, and when it is over everything is as before. The share that still gets through is printed."""
import contextlib
import http.client
import json
import unittest

from support import mqtt_packets as mqtt
from support.gateway import Gateway
from support.mqtt_client import Client

ROOM = 40              # connections
OFFERED = 10 * ROOM
PUBLISHERS, EACH = 10, 200


class Overload(unittest.TestCase):
    def client(self, gateway, name, **options):
        client = Client(gateway.ports["mqtt"], wait_seconds=60)
        self.addCleanup(client.cut)
        client.connect(name, **options)
        return client

    def turned_away_by_http(self, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", "/v1/topics/a")
        response = connection.getresponse()
        self.assertEqual((response.status, response.getheader("Retry-After")), (503, "1"))
        self.assertEqual(json.loads(response.read())["code"], "overloaded")

    def test_ten_times_the_connections(self):
        with Gateway(connectors=["mqtt", "rest"], config=f"limits: {{connections: {ROOM}}}") as gateway:
            publisher, subscriber = self.client(gateway, "publisher"), self.client(gateway, "subscriber")
            subscriber.subscribe(("a", 1))
            open_ones, refused, told = [publisher, subscriber], 0, 0
            for number in range(OFFERED):
                client = Client(gateway.ports["mqtt"], wait_seconds=60)
                with contextlib.suppress(ConnectionError):
                    client.send(mqtt.connect(mqtt.V5, f"c{number}"))
                answer = client.read()
                if answer and answer.reason == 0:
                    open_ones.append(client)
                else:
                    refused += 1
                    told += answer is not None and answer.reason == 0x89
                    client.cut()
                if number % 20 == 0:  # whoever was there before notices nothing
                    self.assertEqual(publisher.publish("a", b"%d" % number, 1), 0)
                    subscriber.receive(payload=b"%d" % number)
            # The admin API's own connections count too.
            self.assertLessEqual(len(open_ones), ROOM)
            self.assertGreaterEqual(len(open_ones), ROOM - 2)
            self.assertEqual(refused, OFFERED + 2 - len(open_ones), "nobody is left without an answer")
            self.assertGreater(told, refused * 9 // 10, "server busy, unless too many are being told so at the moment")
            print(f"{len(open_ones)} of {OFFERED + 2} let in, {refused} turned away at once, {told} of them with the reason")
            self.turned_away_by_http(gateway.ports["http"])
            for client in open_ones[2:]:
                client.leave()
            self.client(gateway, "afterwards").expect_nothing()

    def test_ten_times_the_messages(self):
        """To a subscriber that takes them one by one: its queue is full most of the time."""
        with Gateway(connectors=["mqtt"], config="limits: {offline_messages: 50, offline_overflow: refuse_new}") as gateway:
            slow = self.client(gateway, "slow", session_expiry=60, receive_maximum=1)
            slow.subscribe(("load/#", 1))
            watcher = self.client(gateway, "watcher")
            watcher.subscribe(("$SYS/dead-letters/#", 0))
            publishers = [self.client(gateway, f"publisher-{number}") for number in range(PUBLISHERS)]
            sent, taken, codes = 0, 0, set()
            for _ in range(0, EACH, 10):
                for publisher in publishers:
                    publisher.send(*(mqtt.publish(mqtt.V5, "load/a", b"%d" % (sent + index), 1, index + 1) for index in range(10)))
                    sent += 10
                for publisher in publishers:
                    for index in range(10):
                        code = publisher.expect(mqtt.PUBACK, packet_id=index + 1).reason
                        taken += code < 0x80
                        codes |= {code} if code >= 0x80 else set()
                slow.receive()
            self.assertLessEqual(codes, {0x97}, "quota exceeded is what a full queue answers, if it refuses")
            got = sent // (10 * PUBLISHERS)
            numbers = set()
            while True:
                slow.send(mqtt.packet(mqtt.PINGREQ, 0, b""))
                packet = slow.read()
                if packet.kind == mqtt.PINGRESP:
                    break
                numbers.add(int(packet.payload))
                slow.acknowledge(mqtt.PUBACK, packet.packet_id)
                slow.expect(mqtt.PINGRESP)
            got += len(numbers)
            watcher.send(mqtt.packet(mqtt.PINGREQ, 0, b""))
            dead = 0
            while watcher.read().kind == mqtt.PUBLISH:
                dead += 1
            print(f"{sent} offered, {taken} taken, {got} delivered, {dead} dead letters")
            self.assertEqual(got + dead, taken, "what was taken is delivered, or its loss is told")
            self.assertEqual(publishers[0].publish("load/a", b"afterwards", 1), 0)
            slow.receive(payload=b"afterwards")


if __name__ == "__main__":
    unittest.main()
