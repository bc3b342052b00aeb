"""Fault kill, threat 35: `kill -9` at random moments under load. What was acknowledged is delivered, at QoS 2 exactly once."""
import asyncio
import os
import random
import unittest

from load.rounds import Rounds
from support.gateway import Gateway

LONG = "JUNCTOR_LONG" in os.environ
ROUNDS, MESSAGES = (100, 10_000) if LONG else (3, 1_000)
SEED = int(os.environ.get("JUNCTOR_SEED", random.randrange(1 << 32)))


class KillRounds(unittest.TestCase):
    def rounds(self, gateway, rounds, messages):
        print(f"JUNCTOR_SEED={SEED}", flush=True)
        return Rounds(gateway, rounds, messages, SEED)

    def test_nothing_acknowledged_is_lost(self):
        with Gateway(connectors=["mqtt"], store="fsync") as gateway:
            rounds = self.rounds(gateway, ROUNDS, MESSAGES)
            faults = asyncio.run(rounds.run())
        back = sorted(rounds.back_seconds)
        repeated = sum(each.repeated for each in rounds.subscribers)
        print(f"{rounds.acknowledged()} acknowledged, {rounds.received()} delivered, {repeated} repeated at QoS 1; "
              f"restart to CONNACK: median {back[len(back) // 2]:.3f} s, longest {back[-1]:.3f} s")
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
