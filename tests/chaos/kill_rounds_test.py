"""Fault kill, threat 35: `kill -9` at random moments under load. What was acknowledged is delivered, at QoS 2 exactly once, and stands in the
history, which goes on where it was."""
import asyncio
import functools
import os
import pathlib
import random
import unittest

from load.rounds import Rounds
from support.gateway import Gateway

LONG = "JUNCTOR_LONG" in os.environ
ROUNDS, MESSAGES = (100, 10_000) if LONG else (3, 1_000)
RELEASE = pathlib.Path(os.environ.get("JUNCTOR_RELEASE", "no such build"))
HISTORY = 'history: [{filter: "load/#", messages: 10000000, bytes: 1GiB, age: 1d}]'
SEED = int(os.environ.get("JUNCTOR_SEED", random.randrange(1 << 32)))


class GatewayOfChangingSize(Gateway):
    """Has another number of cores after each start."""

    def start_again(self):
        self.cores = self.cores % 4 + 1
        self.write_config(self.configuration())
        super().start_again()


class KillRounds(unittest.TestCase):
    def rounds(self, gateway, rounds, messages):
        print(f"JUNCTOR_SEED={SEED}", flush=True)
        return Rounds(gateway, rounds, messages, SEED, history="rest" in gateway.connectors)

    def test_nothing_acknowledged_is_lost(self):
        self.play(Gateway, ROUNDS, MESSAGES)

    def test_nothing_is_lost_when_the_number_of_cores_changes(self):
        self.play(GatewayOfChangingSize, 4, MESSAGES // 2)

    @unittest.skipUnless(RELEASE.is_file(), f"{RELEASE} is not there: deploy/build release junctor")
    def test_nothing_is_lost_at_full_speed(self):
        """Sanitizers slow the gateway down, and with it the races that a kill can hit."""
        self.play(functools.partial(Gateway, binary=RELEASE), 10, 2_000)

    def play(self, kind, rounds, messages):
        with kind(connectors=["mqtt", "rest"], store="fsync", config=HISTORY) as gateway:
            rounds = self.rounds(gateway, rounds, messages)
            faults = asyncio.run(rounds.run())
        back = sorted(rounds.back_seconds)
        repeated = sum(each.repeated for each in rounds.subscribers)
        print(f"{rounds.acknowledged()} acknowledged, {rounds.received()} delivered, {repeated} repeated at QoS 1; "
              f"restart to CONNACK: median {back[len(back) // 2]:.3f} s, longest {back[-1]:.3f} s", flush=True)
        self.assertEqual(faults, [])

    def test_these_rounds_find_what_is_lost(self):
        """The same without a store: the harness must see it."""
        with Gateway(connectors=["mqtt"]) as gateway:
            rounds = self.rounds(gateway, 1, 200)
            rounds.patience_seconds = 1
            faults = asyncio.run(rounds.run())
        self.assertTrue(any("lost" in fault for fault in faults), faults)


if __name__ == "__main__":
    unittest.main()
