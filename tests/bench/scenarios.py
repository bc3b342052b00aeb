"""What the benchmark runs, and the bars: how many times less CPU per delivered message than Mosquitto, or how many bytes at most."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    generator: tuple          # options of the load generator
    protocol: str = "mqtt"    # mqtt | mqtt-ws | json-ws
    bar: float | None = None  # flow: times less CPU than Mosquitto; idle: bytes per connection
    kind: str = "flow"        # flow | latency | idle


def flow(name, generator, bar=None, protocol="mqtt"):
    return Scenario(name, tuple(generator.split()), protocol, bar)


def latency(name, generator):
    return Scenario(name, tuple(generator.split()), kind="latency")


def idle(name, bar, protocol="mqtt", subscribe=False):
    generator = ("--pattern", "idle", "--connections", "10000", "--subscribe", "1" if subscribe else "0")
    return Scenario(name, generator, protocol, bar, "idle")


FAN_OUT = "--publishers 1 --subscribers 100 --window 64"

SCENARIOS = [
    flow("fan-out 1 -> 100", FAN_OUT, 25),
    flow("one to one", "--window 512", 15),
    flow("50 pairs", "--pattern pairs --publishers 50 --subscribers 50 --window 32", 22),
    flow("50 -> 1", "--publishers 50 --window 32", 20),
    flow("fan-out, 1 KB", FAN_OUT + " --size 1024", 13),
    flow("fan-out, one message at a time", "--publishers 1 --subscribers 100 --window 1", 1.9),
    flow("fan-out, MQTT over WebSocket", FAN_OUT, 18, "mqtt-ws"),
    flow("fan-out, JSON over WebSocket", FAN_OUT, None, "json-ws"),
    flow("one to one, JSON over WebSocket", "--window 512", None, "json-ws"),
    latency("one to one, 10,000/s", "--rate 10000 --seconds 3"),
    latency("fan-out 1 -> 100, 100/s", "--subscribers 100 --rate 100 --seconds 3"),
    latency("50 pairs, 10,000/s", "--pattern pairs --publishers 50 --subscribers 50 --rate 10000 --seconds 3"),
    idle("10,000 idle, MQTT", 1024),
    idle("10,000 idle with a subscription, MQTT", 1280, subscribe=True),
    idle("10,000 idle, MQTT over WebSocket", 1280, "mqtt-ws"),
    idle("10,000 idle with a subscription, MQTT over WebSocket", None, "mqtt-ws", subscribe=True),
    idle("10,000 idle, JSON over WebSocket", None, "json-ws"),
]
