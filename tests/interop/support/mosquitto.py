"""mosquitto_pub, mosquitto_sub and mosquitto_rr."""
import json
import queue
import subprocess
import threading

WAIT_SECONDS = 30


def publish(port, *arguments):
    """Returns when mosquitto_pub has ended: with QoS 1 that is after the acknowledgement."""
    done = subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), *arguments], capture_output=True, text=True, timeout=WAIT_SECONDS)
    assert done.returncode == 0, done.stderr


def request(port, *arguments):
    done = subprocess.run(["mosquitto_rr", "-h", "127.0.0.1", "-p", str(port), "-W", str(WAIT_SECONDS), *arguments], capture_output=True,
                          text=True, timeout=2 * WAIT_SECONDS)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


class Subscriber:
    """mosquitto_sub that prints one JSON object per message. Ready when its subscription is acknowledged."""

    def __init__(self, port, *arguments):
        command = ["stdbuf", "-oL", "mosquitto_sub", "-d", "-h", "127.0.0.1", "-p", str(port), "-F", "%j", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._lines = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()
        self._next(lambda line: line.startswith("Subscribed"))

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def _next(self, wanted, seconds=WAIT_SECONDS):
        seen = []
        while True:
            try:
                line = self._lines.get(timeout=seconds)
            except queue.Empty:
                raise AssertionError(f"mosquitto_sub printed only {seen}") from None
            if wanted(line):
                return line
            seen.append(line)

    def receive(self, seconds=WAIT_SECONDS):
        return json.loads(self._next(lambda line: line.startswith("{"), seconds))

    def kill(self):
        """Without a goodbye: its will is due."""
        self.process.kill()
        self.process.wait()

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
