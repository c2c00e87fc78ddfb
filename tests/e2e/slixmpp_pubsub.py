"""Nodes with slixmpp: of an account, whose news reach contacts and the other device by what their clients want to know; and of
the domain's service, with subscribers, affiliations and every kind of change.

Usage: slixmpp_pubsub.py PATH_OF_ALDIS
"""

import asyncio
import sys

from server import Server
from slixmpp_person import PUBSUB, Person, answer, befriend, ids_of, payload, succeeded
from tap import Checks

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet", "nurse")}
SERVICE = "pubsub.localhost"
TUNE = "http://jabber.org/protocol/tune"
VERSES = "verses"
checks = Checks()


# What slixmpp's plugins publish, and how: (plugin, method, values, node).
MOODS = [
    ("xep_0107", "publish_mood", {"value": "in_love", "text": "Ay me!"}, "http://jabber.org/protocol/mood"),
    ("xep_0108", "publish_activity", {"general": "relaxing", "specific": "gaming"}, "http://jabber.org/protocol/activity"),
    ("xep_0172", "publish_nick", {"nick": "Romy"}, "http://jabber.org/protocol/nick"),
    ("xep_0080", "publish_location", {"text": "Under the balcony"}, "http://jabber.org/protocol/geoloc"),
]


class Scene:
    """Romeo's phone and his laptop; Juliet, his friend; the nurse, a stranger."""

    def __init__(self, server):
        self.server = server
        plugins = ["xep_0118", *(plugin for plugin, *_ in MOODS)]
        self.phone, self.laptop = self.person("romeo", "phone", *plugins), self.person("romeo", "laptop", *plugins)
        self.juliet = self.person("juliet", "balcony", *plugins)
        self.nurse = self.person("nurse", "kitchen")

    def person(self, name, device, *plugins):
        return Person(name, PASSWORDS[name], self.server.certificate, device, plugins)

    def everybody(self):
        return self.phone, self.laptop, self.juliet, self.nurse


async def log_in(scene, *people):
    for person in people:
        if not checks.ok(await person.log_in(scene.server.starttls_port, direct_tls=False), f"{person.requested_jid} logs in"):
            raise RuntimeError("nothing else can be tested")


async def news_of_an_account(scene):
    """XEP-0163 with slixmpp's plugin for XEP-0118: no node is made and nobody subscribes by hand."""
    said = await answer(scene.phone["xep_0118"].publish_tune(artist="Prokofiev", title="Dance of the Knights"))
    checks.ok(succeeded(said), "the phone tells what it plays", str(said))
    for listener in (scene.juliet, scene.laptop):
        heard = await listener.hears("publish", TUNE)
        checks.ok(heard is not None, f"{listener.boundjid} hears of it")
        if heard is not None:
            tune = heard["pubsub_event"]["items"]["item"]["tune"]
            checks.equal((heard["from"].full, tune["title"]), ("romeo@localhost", "Dance of the Knights"), "... all of it")
    for plugin, method, values, node in MOODS:
        said = await answer(getattr(scene.phone[plugin], method)(**values))
        heard = [await listener.hears("publish", node) for listener in (scene.juliet, scene.laptop)]
        checks.ok(succeeded(said) and all(heard), f"both hear of {node}", str(said))
    checks.ok(scene.nurse.first("pubsub_publish") is None, "a stranger does not")


async def who_comes_later(scene):
    tablet = scene.person("romeo", "tablet", "xep_0118")
    await log_in(scene, tablet)
    heard = await tablet.hears("publish", TUNE)
    checks.ok(heard is not None, "a device that comes later hears what is played now")
    tablet["xep_0163"].remove_interest(TUNE)
    await tablet.log_out()


async def a_node_of_an_account(scene):
    """XEP-0060 with the account as the service: options, preconditions, items, subscriptions of a stranger."""
    nodes, romeo = scene.phone.nodes, "romeo@localhost"
    options = scene.phone.options(access_model="open", persist_items="true", max_items="max")
    for number in ("1", "2", "3"):
        published = await answer(nodes.publish(None, VERSES, id=number, payload=payload("verse " + number), options=options))
        checks.ok(succeeded(published), f"verse {number} is published", str(published))
    other = scene.phone.options(access_model="whitelist")
    checks.equal(await answer(nodes.publish(None, VERSES, id="4", payload=payload("4"), options=other)), "conflict",
                 "who expects another kind of node is told so")
    checks.equal(sorted(await scene.nurse.item_ids(romeo, VERSES)), ["1", "2", "3"], "a stranger reads an open node")
    one = await answer(scene.nurse.nodes.get_item(romeo, VERSES, "2"))
    checks.equal(ids_of(one.xml), ["2"], "... one item of it")
    newest = await answer(scene.nurse.nodes.get_items(romeo, VERSES, max_items=1))
    checks.equal(ids_of(newest.xml), ["3"], "... the newest")
    subscribed = await answer(scene.nurse.nodes.subscribe(romeo, VERSES))
    checks.ok(succeeded(subscribed) and subscribed["pubsub"]["subscription"]["subscription"] == "subscribed",
              "... subscribes", str(subscribed))
    await answer(nodes.retract(None, VERSES, "1", notify="true"))
    checks.ok(await scene.nurse.hears("retract", VERSES, "1"), "... and hears that one is taken back")
    checks.equal(sorted(await scene.laptop.item_ids(None, VERSES)), ["2", "3"], "the other device finds the rest")
    change = scene.laptop.config(access_model="whitelist")
    checks.ok(succeeded(await answer(scene.laptop.nodes.set_node_config(None, VERSES, change))), "it closes the node")
    found = await scene.nurse.item_ids(romeo, VERSES)
    checks.ok(isinstance(found, str), "the stranger reads it no more", str(found))
    checks.ok(succeeded(await answer(scene.laptop.nodes.delete_node(None, VERSES))), "it deletes the node")
    checks.equal(await scene.phone.item_ids(None, VERSES), "item-not-found", "... so that it is gone")


async def a_node_of_the_service(scene):
    romeo, juliet = scene.phone.nodes, scene.juliet
    config = scene.phone.config(access_model="open", title="Verses", notify_retract="1", notify_delete="1", notify_config="1")
    checks.ok(succeeded(await answer(romeo.create_node(SERVICE, VERSES, config=config))), "romeo makes a node")
    checks.equal(await answer(romeo.create_node(SERVICE, VERSES)), "conflict", "... once")
    kept = await answer(romeo.get_node_config(SERVICE, VERSES))
    fields = kept["pubsub_owner"]["configure"]["form"]["values"]
    checks.equal(fields.get("pubsub#title"), "Verses", "... as he wants it")
    listed = await answer(juliet.nodes.get_nodes(SERVICE))
    checks.ok(VERSES in [node for _, node, _ in listed["disco_items"]["items"]], "juliet discovers it")
    checks.ok(succeeded(await answer(juliet.nodes.subscribe(SERVICE, VERSES))), "juliet subscribes")
    mine = await answer(juliet.nodes.get_subscriptions(SERVICE))
    checks.equal([each["node"] for each in mine["pubsub"]["subscriptions"]], [VERSES], "... and finds her subscription")
    checks.equal(await answer(juliet.nodes.publish(SERVICE, VERSES, id="j", payload=payload("mine"))), "forbidden",
                 "... but may not publish")


async def changes_are_told(scene):
    romeo, juliet = scene.phone.nodes, scene.juliet
    for number in ("1", "2"):
        await answer(romeo.publish(SERVICE, VERSES, id=number, payload=payload("verse " + number)))
        heard = await juliet.hears("publish", VERSES, number)
        checks.ok(heard is not None and f"verse {number}" in "".join(heard.xml.itertext()), f"juliet hears verse {number}")
    checks.equal(sorted(await juliet.item_ids(SERVICE, VERSES)), ["1", "2"], "... and can read both")
    await answer(romeo.retract(SERVICE, VERSES, "1", notify="true"))
    checks.ok(await juliet.hears("retract", VERSES, "1"), "... hears that the first is taken back")
    await answer(romeo.set_node_config(SERVICE, VERSES, scene.phone.config(title="Better verses")))
    checks.ok(await juliet.hears("config", VERSES), "... that the node is changed")
    await answer(romeo.purge(SERVICE, VERSES))
    checks.ok(await juliet.hears("purge", VERSES), "... that it is emptied")
    checks.equal(await juliet.item_ids(SERVICE, VERSES), [], "... as it is")


async def people_of_a_node(scene):
    romeo, juliet = scene.phone.nodes, scene.juliet
    given = [("juliet@localhost", "publisher"), ("nurse@localhost", "outcast")]
    checks.ok(succeeded(await answer(romeo.modify_affiliations(SERVICE, VERSES, given))), "romeo says who may what")
    listed = await answer(romeo.get_node_affiliations(SERVICE, VERSES))
    found = {str(each["jid"]): each["affiliation"] for each in listed["pubsub_owner"]["affiliations"]}
    checks.equal(found, {"romeo@localhost": "owner", **dict(given)}, "... and finds it so")
    checks.ok(succeeded(await answer(juliet.nodes.publish(SERVICE, VERSES, id="j", payload=payload("mine")))),
              "juliet may publish now")
    checks.equal(await scene.nurse.item_ids(SERVICE, VERSES), "forbidden", "the nurse may not even read")
    subscribers = await answer(romeo.get_node_subscriptions(SERVICE, VERSES))
    checks.equal([str(each["jid"]) for each in subscribers["pubsub_owner"]["subscriptions"]], ["juliet@localhost"],
                 "romeo sees who has subscribed")
    checks.ok(succeeded(await answer(juliet.nodes.unsubscribe(SERVICE, VERSES))), "juliet unsubscribes")
    known = len(juliet.seen)
    await answer(romeo.publish(SERVICE, VERSES, id="3", payload=payload("verse 3")))
    await juliet["xep_0199"].ping("localhost")
    checks.ok(not [name for name, _ in juliet.seen[known:] if name == "pubsub_publish"], "... and hears no more")


async def approval(scene):
    """XEP-0060 "Subscription Requests": who owns the node is asked, and the form comes to each of his devices."""
    romeo, juliet, node = scene.phone, scene.juliet, "diary"
    await answer(romeo.nodes.create_node(SERVICE, node, config=romeo.config(access_model="authorize")))
    asked = await answer(juliet.nodes.subscribe(SERVICE, node))
    checks.equal(asked["pubsub"]["subscription"]["subscription"] if succeeded(asked) else asked, "pending", "juliet has to wait")
    checks.equal(await juliet.item_ids(SERVICE, node), "not-authorized", "... and reads nothing meanwhile")
    request = await romeo.expect("any_message", lambda message: message.xml.find("{jabber:x:data}x") is not None)
    checks.ok(request, "romeo is asked")
    form = romeo.form(PUBSUB + "#subscribe_authorization", {"node": node, "subscriber_jid": "juliet@localhost", "allow": "1"})
    reply = romeo.make_message(mto=SERVICE, mtype="normal")
    reply["id"] = request["id"]
    reply.append(form)
    reply.send()
    told = await juliet.until(lambda: juliet.first("pubsub_subscription"))
    checks.equal(told and told["pubsub_event"]["subscription"]["subscription"], "subscribed", "juliet is told when he agrees")
    checks.equal(await juliet.item_ids(SERVICE, node), [], "... and reads")


async def the_end_of_a_node(scene):
    await answer(scene.juliet.nodes.subscribe(SERVICE, VERSES))
    checks.ok(succeeded(await answer(scene.phone.nodes.delete_node(SERVICE, VERSES))), "romeo deletes the node")
    checks.ok(await scene.juliet.hears("delete", VERSES), "juliet hears of it")
    checks.equal(await scene.juliet.item_ids(SERVICE, VERSES), "item-not-found", "... and finds nothing")


async def play(scene):
    await log_in(scene, scene.juliet, scene.phone, scene.nurse)
    await befriend(scene.phone, scene.juliet)
    await log_in(scene, scene.laptop)
    await news_of_an_account(scene)
    await who_comes_later(scene)
    await a_node_of_an_account(scene)
    await a_node_of_the_service(scene)
    await changes_are_told(scene)
    await people_of_a_node(scene)
    await the_end_of_a_node(scene)
    await approval(scene)
    for person in scene.everybody():
        await person.log_out()


async def main(binary):
    with Server(binary, PASSWORDS, checks) as server:
        await play(Scene(server))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
    checks.finish()
