"""A client with stream management (XEP-0198) that says what it was told to, and notes what it is told."""

import base64

from wire import CLIENT, Closed, Wire

SM = "{urn:xmpp:sm:3}"
STANZAS = (CLIENT + "message", CLIENT + "presence", CLIENT + "iq")


def message(to, number):
    return (f"<message to='{to}@localhost' type='chat' id='{number}'><origin-id xmlns='urn:xmpp:sid:0' id='{number}'/>"
            f"<body>[{number}] Parting is such sweet sorrow</body></message>")


class Client(Wire):
    """Logs in at once. `lost`: the id of a session that the server no longer has; it must say so before this one binds.

    `acknowledges`: answers each <r/>. `heard`: the ids of the messages with a body, in their order, of which those in
    `waited` have been in the offline storage. `h`: what the server has acknowledged of the stanzas that were `sent`.
    """

    def __init__(self, server, name, lost=None, acknowledges=True):
        self.managed, self.acknowledges = False, acknowledges
        self.sent, self.received, self.h, self.heard, self.waited = 0, 0, 0, [], []
        self.resumed, self.failed = False, False
        super().__init__(server.starttls_port)
        self.authenticate(name, server.passwords[name])
        if lost:
            self.resume(lost, 0)
        if not self.resumed:
            self.bind()

    def authenticate(self, name, password):
        self.open_stream()
        proof = base64.b64encode(f"\0{name}\0{password}".encode()).decode()
        self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{proof}</auth>")
        if self.named("success") is None:
            raise RuntimeError(f"{name} cannot log in")
        self.open_stream()

    def resume(self, session, h):
        self.received = h
        self.managed = True
        self.send(f"<resume xmlns='urn:xmpp:sm:3' previd='{session}' h='{h}'/>")
        answer = self.find(lambda element: element.tag in (SM + "resumed", SM + "failed"))
        self.resumed = self.managed = answer is not None and answer.tag == SM + "resumed"
        self.failed = not self.resumed

    def bind(self):
        bound = self.ask("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>home</resource></bind>", "set")
        if bound is None or bound.get("type") != "result":
            raise RuntimeError("no resource was bound")
        self.sent, self.received, self.managed = 0, 0, True
        self.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
        self.session = self.named("enabled").get("id")

    def appear(self):
        self.send("<presence/>")
        self.find(lambda element: element.tag == CLIENT + "presence")
        return self

    def send(self, text):
        if self.managed:
            self.sent += sum(text.count(start) for start in ("<message ", "<presence", "<iq "))
        super().send(text)

    def feed(self, data):
        known = len(self.waiting)
        super().feed(data)
        for element in self.waiting[known:]:
            self.note(element)

    def note(self, element):
        if element.tag == SM + "a":
            self.h = int(element.get("h"))
        elif element.tag == SM + "r" and self.acknowledges:
            self.acknowledge()
        elif element.tag in STANZAS and self.managed:
            self.received += 1
            if element.tag == CLIENT + "message" and element.find(CLIENT + "body") is not None:
                self.heard.append(element.get("id"))
                if element.find("{urn:xmpp:delay}delay") is not None:
                    self.waited.append(element.get("id"))

    def acknowledge(self):
        try:
            self.send(f"<a xmlns='urn:xmpp:sm:3' h='{self.received}'/>")
        except OSError:
            pass  # the server is dead

    def wait(self, come, seconds=5):
        """Until the condition holds."""
        return come() or self.find(lambda element: come(), seconds) is not None or come()

    def drain(self):
        """What is still to be read of a server that is dead."""
        try:
            while self.read(1):
                pass
        except Closed:
            pass
        self.close()

    def leave(self):
        """For good: nothing is resumed, and nothing waits for this client's acknowledgement."""
        self.acknowledge()
        self.send("</stream:stream>")
        self.until_closed(5)
        self.close()
