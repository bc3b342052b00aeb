"""What stands between a browser and the gateway where nobody lets a WebSocket through."""
import socket
import socketserver
import threading


class NoWebSockets:
    """Use as a context; `port`. `asked`: the first line of each connection; an upgrade gets 400, all else goes on to the gateway's `port`."""

    def __init__(self, port):
        self.asked = []
        outer = self

        class Relay(socketserver.BaseRequestHandler):
            def handle(self):
                head = b""
                while b"\r\n\r\n" not in head and (some := self.request.recv(65536)):
                    head += some
                outer.asked.append(head.split(b"\r\n")[0].decode())
                if b"upgrade: websocket" in head.lower():
                    self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    return
                with socket.create_connection(("127.0.0.1", port)) as gateway:
                    gateway.sendall(head)
                    back = threading.Thread(target=relay, args=(gateway, self.request))
                    back.start()
                    relay(self.request, gateway)
                    back.join()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True
        self._server = Server(("127.0.0.1", 0), Relay)
        self.port = self._server.server_address[1]

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def relay(source, target):
    try:
        while some := source.recv(65536):
            target.sendall(some)
        target.shutdown(socket.SHUT_WR)
    except OSError:  # the other side has gone
        pass
