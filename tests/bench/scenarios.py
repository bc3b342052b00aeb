"""What the benchmark runs, and the bars: how many times less CPU per delivered message than Mosquitto, or how many bytes at most."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    generator: tuple                # options of the load generator
    protocol: str = "mqtt"          # mqtt | mqtt-tls | mqtt-ws | json-ws
    bar: float | None = None        # flow, stored: times less CPU than Mosquitto; idle: bytes; throughput: of that in memory; delay: of fdatasync
    bytes_bar: float | None = None  # stored: per subscription
    kind: str = "flow"              # flow | latency | idle | stored | throughput | delay | overload
    peers: tuple = ("mosquitto", "junctor")
    more: tuple = ()                # overload: the generator's options at twice or ten times the load


STORING = ("mosquitto-storing", "junctor-storing")  # with persistence on
RULED = ("mosquitto", "junctor-ruled")  # 502 rules against none


def flow(name, generator, bar=None, protocol="mqtt", peers=("mosquitto", "junctor")):
    return Scenario(name, tuple(generator.split()), protocol, bar, peers=peers)


def stored(name, generator, bar, bytes_bar):
    return Scenario(name, tuple(generator.split()), bar=bar, bytes_bar=bytes_bar, kind="stored", peers=STORING)


def durable(name, generator, bar, kind):
    """Beside the same load on a junctor that keeps everything in memory."""
    return Scenario(name, tuple(generator.split()), bar=bar, kind=kind, peers=(*STORING, "junctor"))


def latency(name, generator):
    return Scenario(name, tuple(generator.split()), kind="latency")


def idle(name, bar, protocol="mqtt", subscribe=False, connections=10000):
    generator = ("--pattern", "idle", "--connections", str(connections), "--subscribe", "1" if subscribe else "0")
    return Scenario(name, generator, protocol, bar, kind="idle")


def overload(name, generator, more):
    """The goodput that stays of the peak, and how much later a client that asks for little gets it."""
    return Scenario(name, tuple(generator.split()), bar=0.9, kind="overload", more=tuple(more.split()))


PROBE = ("--rate", "500", "--sleeps", "1", "--qos", "1", "--seconds", "2")  # the client that asks for little

FAN_OUT = "--publishers 1 --subscribers 100 --window 64"
PAIRS = "--pattern pairs --publishers 50 --subscribers 50 --window 32"
DURABLE = "--qos 1 --persistent 1"

SCENARIOS = [
    flow("fan-out 1 -> 100", FAN_OUT, 25),
    flow("fan-out 1 -> 100, with a policy", FAN_OUT, 25, peers=RULED),
    flow("fan-out, 1 KB, with a policy", FAN_OUT + " --size 1024", 13, peers=RULED),
    flow("one to one", "--window 512", 15),
    flow("50 pairs", PAIRS, 22),
    flow("50 -> 1", "--publishers 50 --window 32", 20),
    flow("fan-out, 1 KB", FAN_OUT + " --size 1024", 13),
    flow("fan-out, one message at a time", "--publishers 1 --subscribers 100 --window 1", 1.9),
    flow("fan-out, MQTT over WebSocket", FAN_OUT, 18, "mqtt-ws"),
    flow("fan-out, JSON over WebSocket", FAN_OUT, None, "json-ws"),
    flow("one to one, JSON over WebSocket", "--window 512", None, "json-ws"),
    flow("fan-out 1 -> 100, QoS 1", FAN_OUT + " --qos 1", 25, peers=STORING),
    flow("one to one, QoS 1", "--window 512 --qos 1", 20, peers=STORING),
    flow("50 pairs, QoS 1", PAIRS + " --qos 1", 20, peers=STORING),
    flow("one to one, QoS 2", "--window 512 --qos 2", 15, peers=STORING),
    flow("retained replay, 5,000 to each of 10", "--pattern retained --subscribers 10", peers=STORING),
    flow("queued replay, 5,000 to each of 10", "--pattern offline --subscribers 10 --qos 1", 9, peers=STORING),
    stored("100,000 stored subscriptions", "--pattern stored --subscribers 100 --window 256", 2.2, 330),
    durable("durable QoS 1, 1,000 in flight", DURABLE + " --in-flight 1000 --window 2000", 0.25, "throughput"),
    durable("durable QoS 1, one at a time", DURABLE + " --in-flight 1 --window 2", 4, "delay"),
    latency("one to one, 10,000/s", "--rate 10000 --seconds 3"),
    latency("fan-out 1 -> 100, 100/s", "--subscribers 100 --rate 100 --seconds 3"),
    latency("50 pairs, 10,000/s", PAIRS + " --rate 10000 --seconds 3"),
    overload("100 pairs beside 50, QoS 1", PAIRS + " --qos 1 --seconds 4",
             "--pattern pairs --publishers 100 --subscribers 100 --window 32 --qos 1 --seconds 4"),
    overload("100 pairs beside 50, QoS 0", PAIRS + " --seconds 4",
             "--pattern pairs --publishers 100 --subscribers 100 --window 32 --seconds 4"),
    overload("500 pairs beside 50, QoS 1", PAIRS + " --qos 1 --seconds 4",
             "--pattern pairs --publishers 500 --subscribers 500 --window 32 --qos 1 --seconds 4"),
    overload("500 pairs beside 50, QoS 0", PAIRS + " --seconds 4",
             "--pattern pairs --publishers 500 --subscribers 500 --window 32 --seconds 4"),
    idle("10,000 idle, MQTT", 1024),
    idle("10,000 idle with a subscription, MQTT", 1280, subscribe=True),
    idle("10,000 idle, MQTT over WebSocket", 1280, "mqtt-ws"),
    idle("10,000 idle with a subscription, MQTT over WebSocket", None, "mqtt-ws", subscribe=True),
    idle("10,000 idle, JSON over WebSocket", None, "json-ws"),
    idle("1,000 idle, MQTT over TLS", 17 << 10, "mqtt-tls", connections=1000),
]
