"""
A real Redis server on a free port of the loopback, which keeps nothing.

Without one these tests are skipped, unless ROPEWALK_REDIS=required says that there has to be one, as CI does.
"""

import os
import shutil
import socket
import subprocess

import pytest
from redis import Redis

ATTEMPTS = 5
MISSING = "there is no redis-server here; `apt-get install redis-server` brings one (.ci/run does); then this test runs"


class RedisServer:
    """A process that can be asked, filled and ended."""

    def __init__(self, folder):
        self.folder = folder
        for _ in range(ATTEMPTS):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
            # Somebody else may take the port before the server does.
            if self._begins():
                return
        pytest.fail(f"redis-server does not start: {self.said}")

    def _begins(self):
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self.folder}
        command = ["redis-server", *(part for key, value in options.items() for part in (f"--{key}", str(value)))]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "Ready to accept connections" in line:
                return True
        self.end()
        return False

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self):
        return Redis(port=self.port)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def server_in(folder):
    if shutil.which("redis-server") is None:
        if os.environ.get("ROPEWALK_REDIS") == "required":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return RedisServer(folder)


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory):
    server = server_in(tmp_path_factory.mktemp("redis"))
    yield server
    server.end()


@pytest.fixture
def server(shared_server):
    """The server, empty."""
    with shared_server.client() as client:
        client.flushall()
    return shared_server


@pytest.fixture
def mortal(tmp_path):
    """A server of the test's own, which it may end."""
    server = server_in(tmp_path)
    yield server
    server.end()
