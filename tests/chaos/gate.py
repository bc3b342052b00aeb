"""A gate between a client and a server on loopback, which cuts, stalls, half-closes or slows what passes."""
import socket
import threading
import time

CHUNK = 16 << 10


class Gate:
    """Use as a context; `port` is where the client connects."""

    def __init__(self, server_port):
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._pairs = []
        self._sockets = []
        self._lock = threading.Lock()
        self._flowing = threading.Event()
        self._flowing.set()
        self._open = True
        self._bytes_per_second = None

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._open = False
        self._listener.close()
        self._flowing.set()
        self.cut()
        for each in self._sockets:
            each.close()

    def cut(self):
        """Ends every connection; new ones come through."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def shut(self):
        """Cuts, and ends new ones too."""
        self._open = False
        self.cut()

    def open(self):
        self._open = True

    def stall(self):
        """Nothing passes, and nobody is told."""
        self._flowing.clear()

    def flow(self):
        self._flowing.set()

    def half_close(self):
        """The client hears that the server has no more to say; its own words still pass."""
        with self._lock:
            pairs = list(self._pairs)
        for client, _ in pairs:
            try:
                client.shutdown(socket.SHUT_WR)
            except OSError:
                pass

    def slow(self, bytes_per_second):
        """None: as fast as it goes."""
        self._bytes_per_second = bytes_per_second

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if not self._open:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._server_port))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._pairs.append((client, server))
                self._sockets += client, server
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source, target):
        try:
            while data := source.recv(CHUNK if self._bytes_per_second is None else 1024):
                self._flowing.wait()
                if self._bytes_per_second:
                    time.sleep(len(data) / self._bytes_per_second)
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
