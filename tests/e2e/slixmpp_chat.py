"""Two people with slixmpp clients, over STARTTLS and over direct TLS: contacts, presence, chat, offline, history.

Usage: slixmpp_chat.py PATH_OF_ALDIS
"""

import asyncio
import sys

from server import Server
from slixmpp_client import Client
from tap import Checks

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet", "benvolio", "nurse")}
checks = Checks()


class Couple:
    """Two people who do not know each other yet, and the way they connect."""

    def __init__(self, server, names, direct_tls):
        self.server, self.names, self.direct_tls = server, names, direct_tls
        self.port = server.direct_tls_port if direct_tls else server.starttls_port
        self.label = "direct TLS" if direct_tls else "STARTTLS"

    def client(self, name, **changes):
        return Client(name, **{"password": PASSWORDS[name], "certificate": self.server.certificate, **changes})

    async def arrive(self, name):
        client = self.client(name)
        if not checks.ok(await client.log_in(self.port, self.direct_tls), f"{self.label}: {name} logs in"):
            raise RuntimeError("nothing else can be tested")
        return client


async def strangers_stay_out(couple):
    name = couple.names[0]
    guesser = couple.client(name, password="wrong")
    checks.ok(not await guesser.log_in(couple.port, couple.direct_tls) and guesser.first("failed_auth") is not None,
              f"{couple.label}: a wrong password is refused")
    distrustful = couple.client(name, certificate=None)
    checks.ok(not await distrustful.log_in(couple.port, couple.direct_tls),
              f"{couple.label}: a client that does not know the certificate turns away")


async def look_around(couple, client):
    checks.ok(client.mechanism().startswith("SCRAM-"), f"{couple.label}: authenticated by SCRAM", client.mechanism())
    info = (await client["xep_0030"].get_info(jid="localhost"))["disco_info"]
    checks.ok(any(identity[:2] == ("server", "im") for identity in info["identities"]), f"{couple.label}: the server says what it is")
    wanted = {"http://jabber.org/protocol/disco#info", "urn:xmpp:ping", "urn:xmpp:time", "jabber:iq:version"}
    checks.ok(wanted <= set(info["features"]), f"{couple.label}: the server says what it can", str(wanted - set(info["features"])))
    own = (await client["xep_0030"].get_info(jid=client.boundjid.bare))["disco_info"]
    checks.ok("urn:xmpp:mam:2" in own["features"], f"{couple.label}: one's own account offers an archive")
    checks.ok(await client["xep_0199"].ping("localhost") >= 0, f"{couple.label}: the server answers a ping")
    version = await client["xep_0092"].get_version("localhost")
    checks.ok(version["software_version"]["name"], f"{couple.label}: the server tells its name")
    time = await client["xep_0202"].get_entity_time("localhost")
    checks.ok(time["entity_time"].xml.findtext("{urn:xmpp:time}utc"), f"{couple.label}: the server tells the time")


async def befriend(couple, asker, asked, result):
    """One asks, the other agrees (RFC 6121 section 3.1); `result` is what the asker's roster then says."""
    a, b = asker.boundjid, asked.boundjid
    asker.send_presence_subscription(pto=b.bare)
    checks.ok(await asked.expect("presence_subscribe", lambda stanza: stanza["from"] == a.bare), f"{couple.label}: {b.user} is asked")
    asked.send_presence_subscription(pto=a.bare, ptype="subscribed")
    checks.ok(await asker.expect("presence_subscribed", lambda stanza: stanza["from"] == b.bare),
              f"{couple.label}: {a.user} is told yes")
    checks.ok(await asker.until(lambda: asker.subscription_to(b.bare) == result), f"{couple.label}: ... and has a roster push")
    checks.ok(await asker.expect("presence_available", lambda stanza: stanza["from"] == b), f"{couple.label}: ... and sees {b.user}")


async def become_friends(couple, first, second):
    await befriend(couple, first, second, result="to")
    await befriend(couple, second, first, result="both")
    checks.ok(await first.until(lambda: first.subscription_to(second.boundjid.bare) == "both"),
              f"{couple.label}: both have both")


async def show_presence(couple, shown, watcher):
    shown.send_presence(pshow="away", pstatus="on the balcony")
    seen = await watcher.expect("presence_away", lambda stanza: stanza["from"] == shown.boundjid and
                                stanza["status"] == "on the balcony")
    checks.ok(seen, f"{couple.label}: {watcher.boundjid.user} sees {shown.boundjid.user} go on the balcony")


async def talk(couple, speaker, listener, text):
    """One message; returns its text, which must arrive once, unchanged, from the speaker's full address."""
    speaker.send_message(mto=listener.boundjid.bare, mbody=text, mtype="chat")
    heard = await listener.expect("message", lambda stanza: stanza["body"] == text)
    checks.ok(heard and heard["from"] == speaker.boundjid and heard["type"] == "chat",
              f"{couple.label}: {listener.boundjid.user} hears {speaker.boundjid.user}")
    return text


async def miss_messages(couple, speaker, listener):
    """The listener leaves and comes back. Returns what was said meanwhile, and the listener's new client."""
    gone = listener.boundjid
    await listener.log_out()
    checks.ok(await speaker.expect("presence_unavailable", lambda stanza: stanza["from"] == gone),
              f"{couple.label}: {speaker.boundjid.user} sees {gone.user} leave")
    missed = [f"Wherefore art thou offline? ({number})" for number in range(3)]
    for text in missed:
        speaker.send_message(mto=gone.bare, mbody=text, mtype="chat")
    await speaker["xep_0199"].ping("localhost")  # answered after the messages were handled

    back = await couple.arrive(gone.user)
    await back.until(lambda: len(back.bodies()) >= len(missed))
    checks.equal(back.bodies(), missed, f"{couple.label}: {gone.user} gets what was missed, in order")
    delays = [stanza["delay"]["stamp"] for name, stanza in back.seen if name == "message" and stanza["body"]]
    checks.ok(len(delays) == len(missed) and all(delays), f"{couple.label}: ... each with the time it was sent")
    checks.ok(back.subscription_to(speaker.boundjid.bare) == "both", f"{couple.label}: the roster is still there")
    checks.ok(await back.expect("presence_available", lambda stanza: stanza["from"] == speaker.boundjid),
              f"{couple.label}: ... and so is {speaker.boundjid.user}")
    return missed, back


def text_of(result):
    return result["mam_result"]["forwarded"]["stanza"]["body"]


async def history(client, **arguments):
    """All results of the archive, asked for in pages of two."""
    return [result async for result in client["xep_0313"].iterate(rsm={"max": 2}, **arguments)]


async def history_before(client, result):
    """The texts before that one, from the latest page to the first. (slixmpp's own way back ends after one page if the
    server says where in the archive it is.)"""
    texts = []
    while result is not None:
        page = (await client["xep_0313"].retrieve(rsm={"max": 2, "before": result["mam_result"]["id"]}))["mam"]["results"]
        texts = [text_of(each) for each in page] + texts
        result = page[0] if page else None
    return texts


async def read_history(couple, client, other, wanted):
    name = client.boundjid.user
    everything = await history(client)
    if not checks.equal([text_of(each) for each in everything], wanted, f"{couple.label}: {name} pages through the history"):
        return
    with_other = [text_of(each) for each in await history(client, with_jid=other.boundjid.bare)]
    checks.equal(with_other, wanted, f"{couple.label}: ... with {other.boundjid.user}")
    checks.equal(await history(client, with_jid="tybalt@localhost"), [], f"{couple.label}: ... with somebody else")
    checks.equal(await history_before(client, everything[-1]), wanted[:-1], f"{couple.label}: ... and back from the end")


async def play(couple):
    await strangers_stay_out(couple)
    first, second = [await couple.arrive(name) for name in couple.names]
    await look_around(couple, first)
    await become_friends(couple, first, second)
    await show_presence(couple, second, first)
    said = [await talk(couple, first, second, "Art thou not fair?"),
            await talk(couple, second, first, "O <Romeo> & \u2764 \U0001F339"),
            await talk(couple, first, second, "Call me but love.")]
    missed, second = await miss_messages(couple, first, second)
    await read_history(couple, first, second, said + missed)
    await read_history(couple, second, first, said + missed)
    await first.log_out()
    await second.log_out()


async def main(binary):
    with Server(binary, PASSWORDS, checks) as server:
        await play(Couple(server, ("romeo", "juliet"), direct_tls=False))
        await play(Couple(server, ("benvolio", "nurse"), direct_tls=True))
        if server.process:
            checks.equal(server.stop(), 0, "the server ends when it is asked to")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
    checks.finish()
