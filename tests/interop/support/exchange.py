"""Numbered binary messages from one client to another: none lost, duplicated, reordered or changed."""
import threading

FILLING = bytes(range(0x80, 0x100)) * 512  # never valid UTF-8


def payload(number, size):
    return number.to_bytes(8, "big") + FILLING[:size - 8]


def exchange(test, publisher, subscriber, topic, count, size, window):
    """The publisher stays at most `window` messages ahead: QoS 0 hops may drop from a full queue, and that is not what is tested."""
    room = threading.Semaphore(window)
    trouble = []

    def publish():
        try:
            for number in range(count):
                if not room.acquire(timeout=120):
                    return
                publisher.publish(topic, payload(number, size))
            publisher.collect()
        except Exception as error:  # reported by the main thread
            trouble.append(error)

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        for number in range(count):
            received = subscriber.receive()
            room.release()
            test.assertEqual(int.from_bytes(received[:8], "big"), number, trouble)
            test.assertEqual(received, payload(number, size))
    finally:
        thread.join(120)
    test.assertEqual(trouble, [])
