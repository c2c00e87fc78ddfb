"""Those who take their time: a client that logs in a byte at a time, and one that never reads what it is sent.

Usage: slow_peers.py PATH_OF_ALDIS
"""

import pathlib
import ssl
import sys
import threading
import time

from server import Server
from tap import Checks, poll
from wire import CLIENT, HEADER, Closed, Wire

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet", "nurse")}
# TIMEOUT goes for a login, HANDSHAKE for what comes before it on a port for TLS from the first byte, where the server
# does not ask the configuration. SLACK is for a sanitised server on a busy machine.
TIMEOUT, HANDSHAKE, SLACK = 3, 15, 4
QUEUE = 256 * 1024
MORE = f"""timeout = "{TIMEOUT}s"
[limits]
output_queue = "{QUEUE // 1024}KiB"
bytes_per_second = "100MiB"
[modules.offline]
messages = 100_000
bytes = "1GiB"
"""
checks = Checks()


class Dripping(threading.Thread):
    """Sends one byte a second until it is cut off; then knows how long that took."""

    def __init__(self, name, wire, text, limit=TIMEOUT):
        super().__init__(daemon=True)
        self.limit = limit
        self.name, self.wire, self.data = name, wire, text if isinstance(text, bytes) else text.encode()
        self.since = time.monotonic()
        self.lasted = None

    def run(self):
        try:
            for place in range(self.limit + SLACK + 2):
                self.wire.socket.sendall(self.data[place:place + 1] or b" ")
                deadline = time.monotonic() + 1
                while (left := deadline - time.monotonic()) > 0:
                    self.wire.read(left)
        except (Closed, OSError):
            self.lasted = time.monotonic() - self.since


def client_hello():
    """The first bytes of a TLS handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def at_starttls(server):
    wire = Wire(server.starttls_port)
    wire.open_stream()
    wire.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    wire.named("proceed")
    return wire


def in_stream(server, tls):
    wire = Wire(server.direct_tls_port if tls else server.starttls_port, tls=tls)
    wire.open_stream()
    return wire


def drips(server):
    auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"
    yield Dripping("in the stream header", Wire(server.starttls_port), HEADER)
    yield Dripping("of white space before it", Wire(server.starttls_port), "")
    yield Dripping("in the TLS handshake", Wire(server.direct_tls_port), client_hello(), HANDSHAKE)
    yield Dripping("in the stream header under TLS", Wire(server.direct_tls_port, tls=True), HEADER)
    yield Dripping("in the login", in_stream(server, False), auth)
    yield Dripping("in the login under TLS", in_stream(server, True), auth)
    yield Dripping("of white space in the stream", in_stream(server, False), "")
    yield Dripping("in the handshake after <starttls/>", at_starttls(server), client_hello())


def sockets_of(server):
    links = (link for link in pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir())
    count = 0
    for link in links:
        try:
            count += str(link.readlink()).startswith("socket:")
        except OSError:
            pass  # closed meanwhile
    return count


def slow_loris(server, romeo):
    before = sockets_of(server)
    all_of_them = list(drips(server))
    for drip in all_of_them:
        drip.start()
    checks.ok(romeo.ping(2), "a client that has logged in does not notice")
    for drip in all_of_them:
        drip.join()
        checks.ok(drip.lasted is not None and drip.limit - 1 <= drip.lasted <= drip.limit + SLACK,
                  f"one byte a second {drip.name} ends in time", f"after {drip.lasted} s")
    checks.ok(poll(lambda: sockets_of(server) == before, 15), "the server has let go of their sockets",
              f"{sockets_of(server)}, before {before}")
    checks.ok(romeo.ping(), "who has logged in stays")


class Deaf:
    """Juliet, who logs in, says that she is there, and never reads again."""

    def __init__(self, server, tls):
        port = server.direct_tls_port if tls else server.starttls_port
        self.wire = Wire(port, tls=tls, receive_buffer=4096).log_in("juliet", PASSWORDS["juliet"])
        self.how = "under TLS" if tls else "in the clear"

    def received(self):
        """What has come before it was cut off, or None if it was not."""
        count = 0
        try:
            while self.wire.read(5):
                count += sum(element.tag == CLIENT + "message" for element in self.wire.waiting)
                self.wire.waiting.clear()
        except Closed:
            return count
        return None


def chat(server, sender, receiver, to, number):
    """How long one message takes."""
    begin = time.monotonic()
    sender.send(f"<message to='{to}@localhost' id='{number}' type='chat'><body>hi</body></message>")
    arrived = receiver.find(lambda element: element.get("id") == number)
    return time.monotonic() - begin if arrived is not None else None


def never_reads(server, romeo, tls):
    nurse = Wire(server.starttls_port).log_in("nurse", PASSWORDS["nurse"])
    before = sockets_of(server)
    deaf = Deaf(server, tls)
    prefix = "tls" if tls else "clear"
    body = "x" * 8000
    times = []
    for count in range(1000):  # twice what a socket of Linux takes by itself
        romeo.send(f"<message to='juliet@localhost' id='{prefix}{count}' type='chat'><body>{body}</body></message>")
        if count % 50 == 0:
            times.append(chat(server, romeo, nurse, "nurse", f"{prefix}-nurse{count}"))
    checks.ok(romeo.ping() and None not in times and max(times) < 5, f"{deaf.how}: others go on", str(times))
    checks.ok(poll(lambda: sockets_of(server) <= before, 15), f"{deaf.how}: who never reads is cut off")
    checks.ok(server.says('why="too slow"'), f"{deaf.how}: the log says why")
    got = deaf.received()
    checks.ok(got is not None and got < 1000, f"{deaf.how}: she was sent no more than fits", str(got))
    deaf.wire.close()
    nurse.close()
    back = Wire(server.starttls_port).log_in("juliet", PASSWORDS["juliet"], "again")
    kept = [message.get("id") for _, message in back.archive(page_size=20)
            if message.get("id").startswith(prefix)]  # a page fits into the queue
    checks.ok(kept == [f"{prefix}{count}" for count in range(1000)], f"{deaf.how}: her archive has everything in order",
              f"{len(kept)}: {kept[:2]} ... {kept[-2:]}")
    back.close()


def main(binary):
    with Server(binary, PASSWORDS, checks, more=MORE, plain=True) as server:
        romeo = Wire(server.starttls_port).log_in("romeo", PASSWORDS["romeo"])
        slow_loris(server, romeo)
        for tls in (False, True):
            never_reads(server, romeo, tls)
        checks.equal(server.stop(), 0, "the server ends when it is asked to")


if __name__ == "__main__":
    main(sys.argv[1])
    checks.finish()
