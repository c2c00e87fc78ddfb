"""Two devices of one person with aioxmpp, which notices by itself that a connection is dead, connects and resumes.

Usage: aioxmpp_devices.py PATH_OF_ALDIS
"""

import asyncio
import datetime
import itertools
import logging
import sys
import time

import aioxmpp
import aioxmpp.connector
from aioxmpp.carbons import CarbonsClient
from aioxmpp.stream import StanzaState

from proxy import Proxy
from server import Server
from tap import Checks

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet")}
PATIENCE = 15  # seconds for anything that should happen at once
QUIET = datetime.timedelta(seconds=1)  # without a word from the server: an acknowledgement is asked for
DEAD = datetime.timedelta(seconds=2)   # ... and without that: the connection is given up
BURST = 25
checks = Checks()


class Device:
    """One client, connected until it is let go, with what it heard."""

    def __init__(self, name, port, certificate, connector, resource):
        self.name = resource
        self.seen, self.arrival = [], asyncio.Event()
        security = aioxmpp.make_security_layer(PASSWORDS[name], ssl_context_factory=lambda: trusting(certificate))
        security = security._replace(certificate_verifier_factory=aioxmpp.security_layer.PKIXCertificateVerifier)
        address = aioxmpp.JID.fromstr(f"{name}@localhost/{resource}")
        self.client = aioxmpp.PresenceManagedClient(address, security, override_peer=[("127.0.0.1", port, connector)])
        self.client.backoff_start = datetime.timedelta(seconds=0.1)
        self.client.stream.soft_timeout, self.client.stream.round_trip_time = QUIET, DEAD
        self.client.on_stream_suspended.connect(lambda reason: self.note("suspended"))
        self.client.on_stream_resumed.connect(lambda: self.note("resumed"))
        self.client.on_stopped.connect(lambda: self.note("stopped"))
        self.client.on_stream_destroyed.connect(lambda *reason: self.note("destroyed"))
        self.client.stream.service_inbound_message_filter.register(self.hear, 0)
        self.carbons = self.client.summon(CarbonsClient)

    def note(self, event, text=None):
        self.seen.append((event, text))
        self.arrival.set()

    def hear(self, message):
        copied = message.xep0280_received or message.xep0280_sent
        body = (copied.stanza if copied else message).body
        if body:
            self.note("copy" if copied else "message", body.any())
        return None  # nobody else wants it

    async def until(self, condition, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while not (answer := condition()) and time.monotonic() < deadline:
            self.arrival.clear()
            try:
                await asyncio.wait_for(self.arrival.wait(), deadline - time.monotonic())
            except asyncio.TimeoutError:
                return condition()
        return answer

    def texts(self, since=0):
        return [text for _, text in self.seen[since:] if text]

    def events(self, since):
        """What became of the session: suspended, resumed, destroyed."""
        return [event for event, text in self.seen[since:] if not text]

    async def hears(self, since, wanted, what):
        """All of these and nothing else, in this order, after what it had seen when there were `since` events."""
        await self.until(lambda: len(self.texts(since)) >= len(wanted))
        return checks.equal(self.texts(since), wanted, f"{self.name} {what}")

    async def hears_each(self, since, wanted, what):
        """`hears`, in any order."""
        await self.until(lambda: len(self.texts(since)) >= len(wanted))
        return checks.equal(sorted(self.texts(since), key=number_of), sorted(wanted, key=number_of), f"{self.name} {what}")

    def says(self, texts, to):
        """Their tokens, which tell what becomes of each."""
        tokens = []
        for text in texts:
            message = aioxmpp.Message(type_=aioxmpp.MessageType.CHAT, to=aioxmpp.JID.fromstr(to))
            message.body[None] = text
            tokens.append(self.client.enqueue(message))
        return tokens


def number_of(text):
    return int(text.split()[-1])


def trusting(certificate):
    context = aioxmpp.security_layer.default_ssl_context()
    context.load_verify_locations(certificate)
    return context


class Scene:
    """Romeo's phone behind the proxy, his laptop with direct TLS, and Juliet."""

    def __init__(self, server, proxy):
        starttls, direct = aioxmpp.connector.STARTTLSConnector(), aioxmpp.connector.XMPPOverTLSConnector()
        self.proxy = proxy
        self.phone = Device("romeo", proxy.port, server.certificate, starttls, "phone")
        self.laptop = Device("romeo", server.direct_tls_port, server.certificate, direct, "laptop")
        self.juliet = Device("juliet", server.starttls_port, server.certificate, starttls, "balcony")
        self.numbers = itertools.count(1)

    def everybody(self):
        return self.phone, self.laptop, self.juliet

    def lines(self, count):
        return [f"line {next(self.numbers)}" for _ in range(count)]

    def marks(self):
        """How much each of the three has seen."""
        return [len(device.seen) for device in self.everybody()]


async def enter(scene):
    for device in scene.everybody():
        device.client.presence = aioxmpp.PresenceState(available=True)
        entered = device.client.established_event.wait()
        try:
            await asyncio.wait_for(entered, PATIENCE)
        except asyncio.TimeoutError:
            checks.ok(False, f"{device.name} logs in")
            raise RuntimeError("nothing else can be tested")
        checks.ok(device.client.stream.sm_enabled and device.client.stream.sm_resumable,
                  f"{device.name} logs in, with a session that can be resumed")
    for device in (scene.phone, scene.laptop):
        await device.carbons.enable()


async def hear_the_same(scene):
    phone, laptop, juliet = scene.marks()
    texts = scene.lines(3)
    scene.juliet.says(texts[:1], "romeo@localhost/phone")
    scene.juliet.says(texts[1:2], "romeo@localhost/laptop")
    await scene.phone.hears(phone, texts[:2], "hears what is said to it, and to the other")
    await scene.laptop.hears(laptop, texts[:2], "hears it too")
    scene.phone.says(texts[2:], "juliet@localhost")
    await scene.laptop.hears(laptop, texts, "sees what the phone says")
    await scene.juliet.hears(juliet, texts[2:], "hears it")
    heard = [("message", texts[0]), ("copy", texts[1])]
    checks.equal(scene.phone.seen[phone:], heard, "the phone has the one as a copy, and none of its own words")


async def acknowledged(tokens, what):
    await asyncio.wait([asyncio.ensure_future(token) for token in tokens], timeout=PATIENCE)
    checks.equal([token.state for token in tokens], [StanzaState.ACKED] * len(tokens), what)


async def talk_through(scene, how, interrupt, mend):
    """Everybody talks while the phone's connection breaks, and while it is broken."""
    phone, laptop, juliet = scene.marks()
    before, to_phone, after = scene.lines(BURST), scene.lines(BURST), scene.lines(BURST)
    tokens = scene.phone.says(before, "juliet@localhost")
    while tokens[-1].state is StanzaState.ACTIVE:
        await asyncio.sleep(0)
    await interrupt()   # some have arrived by now, and some have not
    scene.juliet.says(to_phone, "romeo@localhost")
    tokens += scene.phone.says(after, "juliet@localhost")
    await scene.laptop.until(lambda: set(to_phone) <= set(scene.laptop.texts(laptop)))
    mend()

    await scene.phone.until(lambda: scene.phone.events(phone)[-1:] == ["resumed"])
    if not checks.equal(scene.phone.events(phone), ["suspended", "resumed"], f"{how}: the phone resumes its session"):
        return
    await scene.phone.hears(phone, to_phone, "hears once and in order what was said meanwhile")
    # COMPAT: aioxmpp 0.13 sends again what was not acknowledged with the last first, so that its order tells nothing.
    await scene.juliet.hears_each(juliet, before + after, "hears once what the phone said")
    await acknowledged(tokens, "... of which the phone knows that it arrived")
    await scene.laptop.hears_each(laptop, before + to_phone + after, "has heard everybody, once")
    checks.equal([text for text in scene.laptop.texts(laptop) if text in to_phone], to_phone, "... and juliet in order")


async def lose_the_connection(scene):
    known = len(scene.phone.seen)

    async def interrupt():
        scene.proxy.refuse()
        scene.proxy.cut()
        await scene.phone.until(lambda: scene.phone.events(known))

    await talk_through(scene, "cut", interrupt, scene.proxy.welcome)


async def fall_silent(scene):
    """Both sides believe in the connection, until the phone gets no answer."""
    async def interrupt():
        scene.proxy.silence()

    await talk_through(scene, "silence", interrupt, mend=lambda: None)


async def play(scene):
    await enter(scene)
    await hear_the_same(scene)
    await lose_the_connection(scene)
    await fall_silent(scene)
    for device in scene.everybody():
        device.client.presence = aioxmpp.PresenceState(available=False)
        await device.until(lambda: not device.client.running)


async def main(binary):
    with Server(binary, PASSWORDS, checks) as server, Proxy(server.starttls_port) as proxy:
        await play(Scene(server, proxy))


if __name__ == "__main__":
    logging.disable()  # what is expected here is what aioxmpp complains of
    asyncio.run(main(sys.argv[1]))
    checks.finish()
