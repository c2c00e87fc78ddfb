"""A client with nothing between the test and the bytes: plain sockets, no library, nothing done by itself."""

import base64
import itertools
import select
import socket
import ssl
import time
from xml.etree import ElementTree

CLIENT = "{jabber:client}"
STANZAS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
MAM = "{urn:xmpp:mam:2}"
HEADER = ("<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
          "xmlns:stream='http://etherx.jabber.org/streams'>")
PATIENCE = 15  # seconds for anything that should happen at once; a sanitised server on a busy machine is slow
_numbers = itertools.count(1)


class Closed(Exception):
    """The server has closed the stream or the connection."""


def open_socket(port, tls=False, receive_buffer=None):
    """`tls`: from the first byte, whatever the certificate is."""
    plain = socket.socket()
    if receive_buffer:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    plain.settimeout(PATIENCE)
    plain.connect(("127.0.0.1", port))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not tls:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname="localhost")


class Wire:
    """One stream. Elements are received in their order; `ask` and `find` keep what they pass over."""

    def __init__(self, port, tls=False, receive_buffer=None):
        self.socket = open_socket(port, tls, receive_buffer)
        self.waiting = []
        self.closed = False
        self._new_document()

    def _new_document(self):
        self.parser = ElementTree.XMLPullParser(("start", "end"))
        self.depth, self.root = 0, None

    def send(self, text):
        self.socket.sendall(text.encode())

    def close(self):
        self.socket.close()

    # -- reading

    def read(self, seconds=PATIENCE):
        """Takes in what has come, or what comes first within the time. False if nothing did. Raises Closed at the end."""
        if self.closed:
            raise Closed
        pending = isinstance(self.socket, ssl.SSLSocket) and self.socket.pending()
        if not pending and not select.select([self.socket], [], [], max(0, seconds))[0]:
            return False
        try:
            data = self.socket.recv(1 << 16)
        except (ConnectionError, ssl.SSLError):
            data = b""
        self.feed(data)
        return True

    def feed(self, data):
        if not data:
            self.closed = True
            raise Closed
        self.parser.feed(data)
        for event, element in self.parser.read_events():
            self.depth += 1 if event == "start" else -1
            if event == "start" and self.depth == 1:
                self.root = element
            elif event == "end" and self.depth == 1:
                self.root.remove(element)
                self.waiting.append(element)

    def find(self, fits, seconds=PATIENCE):
        """The first element that fits, whether it has come or is yet to come; None if it does not within the time."""
        deadline = time.monotonic() + seconds
        looked_at = 0
        while True:
            for place in range(looked_at, len(self.waiting)):
                if fits(self.waiting[place]):
                    return self.waiting.pop(place)
            looked_at = len(self.waiting)
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self.read(left)

    def named(self, name, seconds=PATIENCE):
        return self.find(lambda element: element.tag.endswith("}" + name), seconds)

    def answer(self, stanza_id, seconds=PATIENCE):
        return self.find(lambda element: element.tag == CLIENT + "iq" and element.get("id") == stanza_id, seconds)

    def ask(self, payload, kind="get", seconds=PATIENCE):
        """A request of one's own account or server, and its answer; None if it is not answered in time."""
        number = f"ask{next(_numbers)}"
        self.send(f"<iq type='{kind}' id='{number}'>{payload}</iq>")
        return self.answer(number, seconds)

    def ping(self, seconds=PATIENCE):
        answer = self.ask("<ping xmlns='urn:xmpp:ping'/>", seconds=seconds)
        return answer is not None and answer.get("type") == "result"

    def until_closed(self, seconds):
        """True when the server has closed the connection; what it says before is let go."""
        deadline = time.monotonic() + seconds
        try:
            while (left := deadline - time.monotonic()) > 0:
                self.read(left)
        except Closed:
            return True
        return False

    # -- the steps of a login

    def open_stream(self):
        self._new_document()
        self.send(HEADER)
        return self.named("features")

    def log_in(self, name, password, resource="home", present=True):
        self.open_stream()
        proof = base64.b64encode(f"\0{name}\0{password}".encode()).decode()
        self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{proof}</auth>")
        if self.named("success") is None:
            raise RuntimeError(f"{name} cannot log in")
        self.open_stream()
        bound = self.ask(f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind>", "set")
        if bound is None or bound.get("type") != "result":
            raise RuntimeError(f"{name} cannot bind")
        if present:
            self.send("<presence/>")
            self.find(lambda element: element.tag == CLIENT + "presence")
        return self

    # -- what a stanza says

    def archive(self, page_size=100):
        """One's whole archive: the messages with their ids in it, oldest first."""
        entries, after = [], ""
        while True:
            paging = f"<set xmlns='http://jabber.org/protocol/rsm'><max>{page_size}</max>{after}</set>"
            page = self.ask(f"<query xmlns='urn:xmpp:mam:2'>{paging}</query>", "set")
            if page is None or page.get("type") != "result":
                raise RuntimeError("the archive does not answer")
            results = [element.find(MAM + "result") for element in self.waiting]
            self.waiting = [element for element, result in zip(self.waiting, results) if result is None]
            found = [(result.get("id"), result.find(f".//{CLIENT}message")) for result in results if result is not None]
            entries += found
            if page.find(MAM + "fin").get("complete") == "true" or not found:
                return entries
            after = f"<after>{found[-1][0]}</after>"


def condition_of(stanza):
    """The name of the error that a stanza brings, if any."""
    error = stanza.find(CLIENT + "error")
    if error is None:
        return None
    return next((child.tag.removeprefix(STANZAS) for child in error if child.tag.startswith(STANZAS)), "?")
