"""The same random packets to junctor and to mosquitto: the answers are the same, or a clause says why not.

A seed decides everything; a failure prints it and what was sent. JUNCTOR_SEED=n plays that one."""
import collections
import os
import random
import unittest

from support import mosquitto_broker
from support import mqtt_packets as mqtt
from support.differential_side import Side
from support.differential_steps import Steps
from support.gateway import Gateway

LONG = "JUNCTOR_LONG" in os.environ
SEEDS = 5_000 if LONG else 60
STEPS = 60

# What the two answer differently, with the clause that lets junctor answer as it does: (name, clause, matches(steps, step, ours, theirs)).
EXPLAINED = []


def explained(clause):
    def note(matches):
        EXPLAINED.append((matches.__name__.replace("_", " "), clause, matches))
        return matches
    return note


def same_but(ours, theirs, *fields):
    """The same answers and messages, apart from these fields of messages."""
    def shown(heard):
        return [{key: [getattr(copy, name) for name in ("qos", "retain", "identifiers") if name not in fields]
                 for key, copy in heard.messages.items()}, heard.answers]
    return shown(ours) == shown(theirs)


@explained("3.1.1 3.3.5-1, 5.0 3.3.4-2, 3.3.4-4, 3.3.1-13")
def one_copy_for_all_overlapping_subscriptions(_, __, ours, theirs):
    def covers(copy, other):
        return copy.qos >= other.qos and copy.retain >= other.retain and copy.identifiers >= other.identifiers

    return same_but(ours, theirs, "qos", "retain", "identifiers") and all(covers(copy, theirs.messages[key])
                                                                         for key, copy in ours.messages.items())


@explained("5.0 2.1.3-1, 3.1.1 2.2.2-2")
def wrong_flags_end_the_connection(_, step, ours, theirs):
    return step.wrong == "flags of an answer" and ours.ended and not theirs.ended


@explained("3.1.1 3.8.4-5, 5.0 3.8.4-7")
def a_wrong_filter_is_refused_in_suback(_, step, ours, theirs):
    return step.wrong == "filter" and not ours.ended and theirs.ended


@explained("5.0 3.8.3-3")
def own_messages_stay_away_with_no_local_when_they_are_retained(steps, step, ours, theirs):
    differing = {key for key, copy in theirs.messages.items() if ours.messages.get(key) != copy}
    own = all(steps.authors.get(payload) == step.client for _, payload, _ in differing)
    return ours.answers == theirs.answers and own and ours.messages.keys() <= theirs.messages.keys()


@explained("3.1.1 3.1.2-8, 5.0 3.1.2-8")
def the_will_of_who_breaks_the_rules_is_published(steps, step, ours, theirs):
    more = ours.messages.keys() - theirs.messages.keys()
    return step.wrong and more and all(steps.wills.get(payload) == step.client for _, payload, _ in more)


class Differential(unittest.TestCase):
    def play(self, seed, junctor, mosquitto, found):
        """Counts the differences by name in `found`; fails at one that nothing explains."""
        steps = Steps(random.Random(seed), f"s{seed}")
        sides = [Side(junctor.ports["mqtt"]), Side(mosquitto.ports["mqtt"])]
        played = []
        try:
            for _ in range(STEPS):
                step = steps.next()
                played.append(step.text)
                ours, theirs = (side.play(step) for side in sides)
                self.compare(steps, step, ours, theirs, found, lambda: f"JUNCTOR_SEED={seed}\n  " + "\n  ".join(played))
                steps.learn(step, ours)
                # From here on they may not be in the same state: mosquitto publishes no will after a second CONNECT.
                if ours[step.client].answers != theirs[step.client].answers or step.wrong == "connect":
                    return
        finally:
            for side in sides:
                side.end()

    def compare(self, steps, step, ours, theirs, found, story):
        for client in ours.keys() | theirs.keys():
            here, there = ours[client], theirs[client]
            if here == there:
                continue
            name = next((name for name, _, matches in EXPLAINED if matches(steps, step, here, there)), None)
            if name is None:
                self.fail(f"{story()}\nclient {client}\n  junctor   {here}\n  mosquitto {there}")
            found[name] += 1

    def test_the_same_answers_as_mosquitto(self):
        first = int(os.environ.get("JUNCTOR_SEED", 0))
        seeds = [first] if first else range(1, SEEDS + 1)
        found = collections.Counter()
        with Gateway(cores=1, connectors=["mqtt"]) as junctor, mosquitto_broker.MosquittoBroker() as mosquitto:
            for seed in seeds:
                with self.subTest(seed=seed):
                    self.play(seed, junctor, mosquitto, found)
        print(f"\n{len(seeds)} sequences; where the two differ:")
        for name, clause, _ in EXPLAINED:
            print(f"{found[name]:5} {name} ({clause})")


if __name__ == "__main__":
    unittest.main()
