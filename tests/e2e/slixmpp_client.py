"""A slixmpp client that a test can wait on: what arrives is kept, and looked for with a bound on the time."""

import asyncio

import slixmpp

PLUGINS = ("xep_0012", "xep_0030", "xep_0059", "xep_0092", "xep_0199", "xep_0202", "xep_0203", "xep_0313")
STREAM_MANAGEMENT, CARBONS = "xep_0198", "xep_0280"  # more plugins, for tests that want them
PATIENCE = 10  # seconds for anything that should happen at once
STANZA_ID = "{urn:xmpp:sid:0}stanza-id"
MESSAGE = "{jabber:client}message"


class Client(slixmpp.ClientXMPP):
    """One person's client. Keeps every event that a test may ask for as (name, stanza), in the order of arrival."""

    EVENTS = ("session_start", "failed_auth", "failed_all_auth", "ssl_invalid_chain", "disconnected", "message",
              "presence_available", "presence_away", "presence_unavailable", "presence_subscribe", "presence_subscribed",
              "roster_update", "carbon_received", "carbon_sent", "session_end", "session_resumed", "sm_enabled", "sm_failed")

    def __init__(self, name, password, certificate=None, device="", plugins=()):
        super().__init__(f"{name}@localhost/{device}".rstrip("/"), password)
        self.ca_certs = certificate
        self.roster.auto_authorize = None
        self.roster.auto_subscribe = False
        self.seen = []
        self.arrival = asyncio.Event()
        for plugin in (*PLUGINS, *plugins):
            self.register_plugin(plugin)
        for event in self.EVENTS:
            self.add_event_handler(event, lambda stanza, event=event: self.note(event, stanza))

    def note(self, event, stanza):
        self.seen.append((event, stanza))
        self.arrival.set()

    async def expect(self, event, matches=lambda stanza: True, seconds=PATIENCE):
        """The first stanza of that event that matches, whether it came or is yet to come. None if it does not come."""
        return await self.until(lambda: self.first(event, matches), seconds)

    async def until(self, condition, seconds=PATIENCE):
        """The first truthy answer of `condition`, asked again after each arrival. Its last answer when time is up."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not (answer := condition()):
            self.arrival.clear()
            left = deadline - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(self.arrival.wait(), left)
            except asyncio.TimeoutError:
                return condition()
        return answer

    def first(self, event, matches=lambda stanza: True):
        return next((stanza for name, stanza in self.seen if name == event and matches(stanza)), None)

    def bodies(self):
        return [stanza["body"] for name, stanza in self.seen if name == "message" and stanza["body"]]

    def heard(self):
        """(text, archive id, event) of all messages with a text, what carbon copies bring among them."""
        return [text_and_id(stanza.xml) + (name,) for name, stanza in self.seen
                if name in ("carbon_received", "carbon_sent") or name == "message" and stanza["body"]]

    def mechanism(self):
        return self["feature_mechanisms"].mech.name

    async def log_in(self, port, direct_tls):
        """Connects, authenticates, fetches the roster, says it is there. True if all of that worked."""
        self.reach(port, direct_tls)
        ends = ("session_start", "failed_all_auth", "ssl_invalid_chain", "disconnected")
        await self.until(lambda: any(name in ends for name, _ in self.seen))
        if self.first("session_start") is None:
            await self.log_out()
            return False
        await self.get_roster()
        self.send_presence()
        return await self.expect("presence_available", lambda stanza: stanza["from"] == self.boundjid) is not None

    def reach(self, port, direct_tls=False):
        """Begins to connect. What comes of it is among the events."""
        self.connect(("127.0.0.1", port), use_ssl=direct_tls, force_starttls=not direct_tls, disable_starttls=direct_tls)

    async def come_back(self, port):
        """Connects again after a loss. The event that ends it: "session_resumed", or "session_start" for a new session."""
        before = len(self.seen)
        self.reach(port)
        ends = ("session_resumed", "session_start", "failed_all_auth")
        return await self.until(lambda: next((name for name, _ in self.seen[before:] if name in ends), None))

    async def log_out(self):
        if self.is_connected():
            self.disconnect()
            await self.expect("disconnected")

    def subscription_to(self, jid):
        return self.client_roster[jid]["subscription"]


def text_and_id(message):
    """Of the innermost message: a carbon copy's is the one that it forwards."""
    inner = list(message.iter(MESSAGE))[-1]
    mark = inner.find(STANZA_ID)
    return inner.findtext("{jabber:client}body"), None if mark is None else mark.get("id")
