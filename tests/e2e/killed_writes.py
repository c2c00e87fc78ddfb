"""The server is killed at the moment in which it has answered a write - to a node, a profile, a list, a setting - and what it has
answered is there when it is back, in every form in which it can be read.

Usage: killed_writes.py PATH_OF_ALDIS
"""

import base64
import dataclasses
import hashlib
import itertools
import sys

from server import Server
from tap import Checks
from wire import CLIENT, Wire, condition_of

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet")}
AT_ONCE, ROUNDS = 80, 3
PUBSUB = "http://jabber.org/protocol/pubsub"
SERVICE = "pubsub.localhost"
STANZA_ID = "{urn:xmpp:sid:0}stanza-id"
VERSE = "<verse xmlns='urn:example:verse'>{}</verse>"
numbers = itertools.count(1)
checks = Checks()


@dataclasses.dataclass
class Write:
    """A request, and another one whose answer shows what it has done: words that are in it, words that are not."""

    name: str
    request: str
    look: str
    shows: tuple = ()
    lacks: tuple = ()
    to: str = None
    first: tuple = ()    # requests that have to be there before
    fails: str = None    # the condition with which the look is answered


def pubsub(content, owner=False):
    return f"<pubsub xmlns='{PUBSUB}{'#owner' if owner else ''}'>{content}</pubsub>"


def publish(node, item, content, options=""):
    return pubsub(f"<publish node='{node}'><item id='{item}'>{content}</item></publish>{options}")


def items(node):
    return pubsub(f"<items node='{node}'/>")


def configure(node, **values):
    fields = "".join(f"<field var='pubsub#{name}'><value>{value}</value></field>" for name, value in values.items())
    return f"<configure node='{node}'>{form(PUBSUB + '#node_config', fields)}</configure>"


def form(form_type, fields):
    kind = f"<field var='FORM_TYPE'><value>{form_type}</value></field>" if form_type else ""
    return f"<x xmlns='jabber:x:data' type='submit'>{kind}{fields}</x>"


def command(node, fields=None, form_type=None):
    """The form that a command shows, or the same filled in."""
    filled = "" if fields is None else form(form_type, fields)
    return f"<command xmlns='http://jabber.org/protocol/commands' node='{node}'>{filled}</command>"


def field(name, value):
    return f"<field var='{name}'><value>{value}</value></field>"


def private(content):
    return f"<query xmlns='jabber:iq:private'>{content}</query>"


def listed(room):
    return f"<storage xmlns='storage:bookmarks'><conference jid='{room}' name='A room'/></storage>"


def blocks(kind, address, more=""):
    return f"<{kind} xmlns='urn:xmpp:blocking'><item jid='{address}'>{more}</item></{kind}>"


VCARD = "<vCard xmlns='vcard-temp'>{}</vCard>"
VCARD4 = "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'>{}</vcard>"
DATA, METADATA = "urn:xmpp:avatar:data", "urn:xmpp:avatar:metadata"
BLOCKLIST = "<blocklist xmlns='urn:xmpp:blocking'/>"
NATIVE = "<conference xmlns='urn:xmpp:bookmarks:1' name='A room' autojoin='true'/>"
REPORT = "<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'><text>Roses again</text></report>"

OF_NODES = [
    Write("a publication that makes a node", publish("n", "1", VERSE.format("soft")), items("n"), ("1", "soft")),
    Write("a publication that replaces an item", publish("n", "1", VERSE.format("light")), items("n"), ("light",), ("soft",)),
    Write("a configuration", pubsub(configure("n", max_items="7", access_model="open", title="Mine"), owner=True),
          pubsub("<configure node='n'/>", owner=True), ("7", "open", "Mine")),
    Write("a retraction", pubsub("<retract node='n'><item id='1'/></retract>"), items("n"), (), ("1", "light"),
          first=(publish("n", "2", VERSE.format("window")),)),
    Write("an emptied node", pubsub("<purge node='n'/>", owner=True), items("n"), (), ("2",)),
    Write("a deleted node", pubsub("<delete node='n'/>", owner=True), items("n"), fails="item-not-found"),
]
OF_THE_SERVICE = [
    Write("a node of the service", pubsub("<create node='s'/>" + configure("s", title="Ours").replace(" node='s'", "")),
          pubsub("<configure node='s'/>", owner=True), ("Ours",), to=SERVICE),
    Write("an affiliation", pubsub("<affiliations node='s'><affiliation jid='juliet@localhost' affiliation='publisher'/>"
                                   "</affiliations>", owner=True),
          pubsub("<affiliations node='s'/>", owner=True), ("juliet@localhost", "publisher"), to=SERVICE),
    Write("a subscription", pubsub("<subscribe node='s' jid='romeo@localhost'/>"), pubsub("<subscriptions/>"),
          ("s", "subscribed"), to=SERVICE),
    Write("a publication there", publish("s", "1", VERSE.format("soft")), items("s"), ("1", "soft"), to=SERVICE),
    Write("the end of a subscription", pubsub("<unsubscribe node='s' jid='romeo@localhost'/>"), pubsub("<subscriptions/>"),
          (), ("subscribed",), to=SERVICE),
]
RED = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGM4wcAAAAJcAMlDyBJGAAAAAElFTkSuQmCC"
BLUE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYDgBAADMAMkncsFaAAAAAElFTkSuQmCC"


def name_of(picture):
    return hashlib.sha1(base64.b64decode(picture)).hexdigest()


def metadata_of(picture):
    return (f"<metadata xmlns='{METADATA}'><info id='{name_of(picture)}' type='image/png' width='1' height='1'"
            f" bytes='{len(base64.b64decode(picture))}'/></metadata>")


OF_PROFILES = [
    Write("a vCard", VCARD.format("<FN>Romeo Montague</FN>"), VCARD.format(""), ("Romeo Montague",)),
    Write("... as vCard4", VCARD.format("<FN>Romeo M.</FN>"), VCARD4.format(""), ("Romeo M.",)),
    Write("a vCard4", publish("urn:xmpp:vcard4", "current", VCARD4.format("<fn><text>R. Montague</text></fn>")),
          VCARD.format(""), ("R. Montague",), ("Romeo M.",)),
    Write("a picture, as the vCard's", publish(METADATA, name_of(RED), metadata_of(RED)), VCARD.format(""), (RED,),
          first=(publish(DATA, name_of(RED), f"<data xmlns='{DATA}'>{RED}</data>"),)),
    Write("a picture in the vCard, as a node's", VCARD.format(f"<PHOTO><TYPE>image/png</TYPE><BINVAL>{BLUE}</BINVAL></PHOTO>"),
          items(METADATA), (name_of(BLUE),), (name_of(RED),)),
    Write("... and its data", VCARD.format(f"<PHOTO><TYPE>image/png</TYPE><BINVAL>{RED}</BINVAL></PHOTO>"), items(DATA), (RED,)),
    Write("something private", private("<mine xmlns='urn:example'>secret</mine>"), private("<mine xmlns='urn:example'/>"),
          ("secret",)),
]
OF_LISTS = [
    Write("a bookmark", publish("urn:xmpp:bookmarks:1", "orchard@rooms.localhost", NATIVE), items("urn:xmpp:bookmarks:1"),
          ("orchard@rooms.localhost",)),
    Write("... in the list in private storage", publish("urn:xmpp:bookmarks:1", "crypt@rooms.localhost", NATIVE),
          private("<storage xmlns='storage:bookmarks'/>"), ("orchard@rooms.localhost", "crypt@rooms.localhost")),
    Write("a list", private(listed("tomb@rooms.localhost")), items("urn:xmpp:bookmarks:1"), ("tomb@rooms.localhost",),
          ("crypt@rooms.localhost",)),
    Write("... in the list that is a node", private(listed("garden@rooms.localhost")), items("storage:bookmarks"),
          ("garden@rooms.localhost",), ("tomb@rooms.localhost",)),
    Write("somebody who is blocked", blocks("block", "tybalt@localhost"), BLOCKLIST, ("tybalt@localhost",)),
    Write("somebody who is blocked no more", blocks("unblock", "tybalt@localhost"), BLOCKLIST, (), ("tybalt@localhost",)),
]
OF_SETTINGS = [
    Write("who sees the profile", command("profile-visibility", field("visibility", "nobody")),
          command("profile-visibility"), ("nobody",)),
    Write("how long messages are kept", command("retention", field("days", "30"), "urn:aldis:retention"), command("retention"),
          ("30",)),
    Write("who sees when one was last there", command("urn:aldis:last-seen", field("visible", "list") +
                                                      field("list", "nurse@localhost"), "urn:aldis:last-seen"),
          command("urn:aldis:last-seen"), ("list", "nurse@localhost")),
]


def enter(server, name):
    return Wire(server.starttls_port).log_in(name, PASSWORDS[name])


def ask(wire, payload, kind, to=None):
    number = f"write{next(numbers)}"
    address = f" to='{to}'" if to else ""
    wire.send(f"<iq type='{kind}' id='{number}'{address}>{payload}</iq>")
    return wire.answer(number)


def kill_and_start(server, *wires):
    server.kill()
    for wire in wires:
        wire.close()
    server.start()


def words(element):
    """What a person would find in it: texts and values of attributes. Of a form, what it offers is none of it."""
    for offer in [(parent, child) for parent in element.iter() for child in parent if child.tag.endswith("}option")]:
        offer[0].remove(offer[1])
    return {word for each in element.iter() for word in (each.text, *each.attrib.values()) if word}


def looks_right(answer, write):
    if answer is None:
        return False
    if write.fails:
        return condition_of(answer) == write.fails
    return answer.get("type") == "result" and words(answer) >= set(write.shows) and not words(answer) & set(write.lacks)


def kill_after(server, write):
    romeo = enter(server, "romeo")
    for request in write.first:
        ask(romeo, request, "set", write.to)
    answered = ask(romeo, write.request, "set", write.to)
    kill_and_start(server, romeo)
    if not checks.ok(answered is not None and answered.get("type") == "result", f"answered: {write.name}", text_of(answered)):
        return
    romeo = enter(server, "romeo")
    found = ask(romeo, write.look, "get" if "<command" not in write.look else "set", write.to)
    checks.ok(looks_right(found, write), f"still there: {write.name}", text_of(found))
    romeo.close()


def text_of(element):
    return "no answer" if element is None else str(sorted(words(element)))


def what_was_read(server):
    """XEP-0430: a marker and a ping; XEP-0490: a publication."""
    juliet = enter(server, "juliet")
    said = "".join(f"<message to='romeo@localhost' type='chat' id='m{number}'><body>{number}</body></message>" for number in range(3))
    juliet.send(said)
    juliet.ping()
    romeo = enter(server, "romeo")
    ids = {found.get("id"): entry for entry, found in romeo.archive()}
    romeo.send("<message to='juliet@localhost' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/></message>")
    checks.ok(romeo.ping(), "answered: what comes after a marker")
    kill_and_start(server, romeo, juliet)
    checks.equal(unread(server), 1, "still there: what the marker says was read")
    romeo = enter(server, "romeo")
    displayed = (f"<displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' by='romeo@localhost'"
                 f" id='{ids['m2']}'/></displayed>")
    answered = ask(romeo, publish("urn:xmpp:mds:displayed:0", "juliet@localhost", displayed), "set")
    kill_and_start(server, romeo)
    checks.ok(answered is not None and answered.get("type") == "result", "answered: what was displayed", text_of(answered))
    checks.equal(unread(server), 0, "still there: what was displayed, in the inbox")


def unread(server):
    romeo = enter(server, "romeo")
    done = ask(romeo, "<inbox xmlns='urn:xmpp:inbox:1' messages='false'/>", "get")
    romeo.close()
    return None if done is None or done.get("type") != "result" else int(done[0].get("all-unread"))


def a_report(server):
    romeo = enter(server, "romeo")
    answered = ask(romeo, blocks("block", "juliet@localhost", REPORT), "set")
    kill_and_start(server, romeo)
    checks.ok(answered is not None and answered.get("type") == "result", "answered: a report", text_of(answered))
    told = server.run("report", "list")
    checks.ok("romeo@localhost reports juliet@localhost for spam" in told, "still there: the report", told)
    romeo = enter(server, "romeo")
    checks.ok("juliet@localhost" in words(ask(romeo, BLOCKLIST, "get")), "... and who is reported is blocked")
    romeo.close()


def many_at_once(server, turn):
    """Publications one behind the other: those that were answered when the server died, and the ones before them."""
    romeo = enter(server, "romeo")
    node = f"burst{turn}"
    options = "<publish-options>" + form(PUBSUB + "#publish-options", field("pubsub#max_items", "max")) + "</publish-options>"
    done, wanted = set(), 100 + 150 * turn
    for number in range(wanted):
        upcoming = range(AT_ONCE) if number == 0 else [number + AT_ONCE - 1]
        romeo.send("".join(f"<iq type='set' id='{each}'>{publish(node, each, VERSE.format(each), options)}</iq>"
                           for each in upcoming))
        if accepted(romeo.answer(str(number))):
            done.add(number)
    server.kill()
    done |= {int(element.get("id")) for element in romeo.waiting if element.tag == CLIENT + "iq" and accepted(element)}
    romeo.close()
    server.start()
    romeo = enter(server, "romeo")
    found = ask(romeo, items(node), "get")
    kept = {int(each.get("id")) for each in found.iter() if each.tag.endswith("}item")}
    checks.ok(len(done) >= wanted and done <= kept, f"still there: {len(done)} publications that were answered",
              f"{len(kept)} are, not {sorted(done - kept)[:5]}")
    checks.equal(kept, set(range(len(kept))), f"... {len(kept)} in all, without a gap")
    romeo.close()


def accepted(answer):
    return answer is not None and answer.get("type") == "result"


def main(binary):
    with Server(binary, PASSWORDS, checks, plain=True) as server:
        for write in OF_NODES + OF_THE_SERVICE + OF_PROFILES + OF_LISTS + OF_SETTINGS:
            kill_after(server, write)
        what_was_read(server)
        a_report(server)
        for turn in range(ROUNDS):
            many_at_once(server, turn)


if __name__ == "__main__":
    main(sys.argv[1])
    checks.finish()
