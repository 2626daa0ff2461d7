"""A small web server for tests: it resumes, breaks off and fails on demand, and counts."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class RangeServer(ThreadingHTTPServer):
    """Serves `files` on a free port of this machine.

    Attributes:
        files: path without the leading slash -> content.
        breaks_at: path -> number of bytes of the file after which the connection is dropped.
        stalls_at: path -> likewise, but the connection stays open until `released` is set.
        down: whether every request is answered with HTTP 503.
        resumes: whether ranges are understood.
        requests: (path, first byte asked for) of each request so far.
        bytes_sent: path -> bytes of content sent so far.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.breaks_at: dict[str, int] = {}
        self.stalls_at: dict[str, int] = {}
        self.released = threading.Event()
        self.down = False
        self.resumes = True
        self.requests: list[tuple[str, int]] = []
        self.bytes_sent: dict[str, int] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: RangeServer

    def do_GET(self) -> None:
        path = self.path.lstrip("/")
        first = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        begin = int(first[1]) if first and self.server.resumes else 0
        self.server.requests.append((path, begin))
        content = self.server.files.get(path)
        if self.server.down or content is None:
            self.send_error(503 if self.server.down else 404)
        elif first and self.server.resumes and begin >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.send_response(206 if begin else 200)
            if begin:
                last = f"{begin}-{len(content) - 1}/{len(content)}"
                self.send_header("Content-Range", f"bytes {last}")
            self.send_header("Content-Length", str(len(content) - begin))
            self.end_headers()
            self._send(path, content, begin)

    def _send(self, path: str, content: bytes, begin: int) -> None:
        stop = min(
            self.server.breaks_at.get(path, len(content)),
            self.server.stalls_at.get(path, len(content)),
        )
        sent = content[begin : max(begin, stop)]
        self.wfile.write(sent)
        self.wfile.flush()
        self.server.bytes_sent[path] = self.server.bytes_sent.get(path, 0) + len(sent)
        if path in self.server.stalls_at:
            self.server.released.wait(60)

    def log_message(self, *_: object) -> None:
        """Quiet."""
