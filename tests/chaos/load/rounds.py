"""Rounds of load that each end a server at a random moment, and what has to be true in the end."""
import asyncio
import random
import time

from load.history import History
from load.publisher import Publisher
from load.subscriber import Subscriber
from support import mqtt_packets as mqtt
from support.mqtt_client import Client as BareClient

WAKE_EVERY = 4         # rounds


class Rounds:
    """`server`: `ports["mqtt"]`, `kill()`, `start_again()`. `messages` per round, over all publishers. `history`: the server keeps one
    of `load/#`, and serves HTTP."""

    patience_seconds = 60  # without any progress

    def __init__(self, server, rounds, messages, seed, history=False):
        self.server, self.rounds, self.messages = server, rounds, messages
        self.random = random.Random(seed)
        topics = [f"load/{each}" for each in "abcdefgh"]
        self.publishers = [Publisher(f"publisher-{qos}-{each}", qos, [f"{topic}/{qos}{each}" for topic in topics])
                           for qos in (1, 2) for each in (0, 1)]
        self.writer = Publisher("writer", 1, [f"state/{number}" for number in range(16)], retain=True)
        self.online = [Subscriber("online-1", "load/#", 1), Subscriber("online-2", "load/#", 2),
                       Subscriber("slow", "load/a/#", 2, 0.002, receive_maximum=20)]
        self.sleeping = [Subscriber("sleeping-1", "load/#", 1), Subscriber("sleeping-2", "load/#", 2)]
        self.history = History(server, "load/#") if history else None
        self.back_seconds = []
        self.faults = []

    @property
    def port(self):
        return self.server.ports["mqtt"]

    @property
    def senders(self):
        return [*self.publishers, self.writer]

    @property
    def subscribers(self):
        return [*self.online, *self.sleeping]

    def acknowledged(self):
        return sum(len(each.acknowledged) for each in self.senders)

    def received(self):
        return sum(len(numbers) for each in self.subscribers for numbers in each.received.values())

    async def run(self):
        """The faults: empty when every promise was kept."""
        for each in self.subscribers:
            each.stay(self.port)
        await asyncio.wait_for(asyncio.gather(*(each.subscribed.wait() for each in self.subscribers)), self.patience_seconds)
        for each in self.senders:
            each.stay(self.port)
        await self._sleep()
        for number in range(1, self.rounds + 1):
            await self._round(number)
            if number % WAKE_EVERY == 0:
                await self._wake()
        await self._wake()
        for each in [*self.senders, *self.subscribers]:
            await each.leave()
        return self._judge()

    async def _sleep(self):
        for each in self.sleeping:
            await each.leave()

    async def _wake(self):
        """Everybody gets everything; then those who sleep go on sleeping."""
        for each in self.sleeping:
            each.stay(self.port)
        await self._until(lambda: self._may_be_complete() and not any(self._missing(each) for each in self.subscribers))
        await self._sleep()

    async def _round(self, number):
        killed_at = self.acknowledged() + self.random.randrange(self.messages)
        each_sends = self.messages // len(self.senders)
        for sender in self.senders:
            sender.raise_target(each_sends)
        await self._until(lambda: self.acknowledged() >= killed_at)
        await asyncio.sleep(self.random.random() * 0.02)
        taken = dict(self.writer.highest)
        self.server.kill()
        await self._until(lambda: not any(each.connack for each in [*self.senders, *self.online]))
        begin = time.monotonic()
        self.server.start_again()
        await self._first_connack()
        self.back_seconds.append(time.monotonic() - begin)
        self._check_retained(taken)
        await self._until(lambda: all(sender.done for sender in self.senders))
        if self.history:
            await asyncio.to_thread(self.history.catch_up)
        print(f"round {number} of {self.rounds}: {self.acknowledged()} acknowledged, {self.received()} delivered, "
              f"back after {self.back_seconds[-1]:.3f} s", flush=True)

    async def _first_connack(self):
        await self._until(lambda: any(each.connack for each in [*self.senders, *self.online]))

    def _check_retained(self, taken):
        """What was acknowledged before the kill, or something newer, is there."""
        with BareClient(self.port) as client:
            client.connect()
            client.subscribe(("state/#", 0))
            found = {}
            client.send(mqtt.packet(mqtt.PINGREQ, 0, b""))
            while (got := client.read()).kind == mqtt.PUBLISH:
                found[got.topic.decode()] = int(got.payload.split()[1])
        for topic, number in taken.items():
            if found.get(topic, -1) < number:
                self.faults.append(f"retained {topic}: {found.get(topic)} after {number} was acknowledged")

    async def _until(self, condition):
        progress, since = None, time.monotonic()
        while not condition():
            now = (self.acknowledged(), self.received(), sum(bool(each.connack) for each in self.subscribers))
            if now != progress:
                progress, since = now, time.monotonic()
            if time.monotonic() - since > self.patience_seconds:
                return  # the judgement says what is missing
            await asyncio.sleep(0.001)

    def _may_be_complete(self):
        """By counting, which costs less than looking."""
        taken = sum(len(each.acknowledged) for each in self.publishers)
        return all(sum(map(len, each.received.values())) >= taken for each in self.subscribers if each.filter == "load/#")

    def _missing(self, subscriber):
        """How many of the messages that the server has taken have not come."""
        missing = [(each, number) for each in self.publishers for number in subscriber.missing(each)]
        level = subscriber.filter.removesuffix("#")
        return sum(each.topics[number % len(each.topics)].startswith(level) for each, number in missing)

    def _judge(self):
        faults = list(self.faults)
        for each in [*self.senders, *self.subscribers]:
            faults += each.faults
            faults += [f"{each.name}: session lost {each.sessions_lost} times"] if each.sessions_lost else []
        faults += [f"{each.name}: {self._missing(each)} acknowledged messages lost" for each in self.subscribers if self._missing(each)]
        faults += [f"{each.name}: {len(each.acknowledged)} of {each.target} taken" for each in self.senders if not each.done]
        faults += [f"{each.name}: {each.refused} refused" for each in self.senders if each.refused]
        if self.history:
            faults += self.history.faults
            faults += [f"history: {len(self.history.missing(each))} acknowledged messages of {each.name} lost"
                       for each in self.publishers if self.history.missing(each)]
        return faults
