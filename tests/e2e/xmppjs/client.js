// One device with @xmpp/client, in the hands of a test: an order a line comes in, an event a line goes out, both as JSON.
// The first order says who logs in and where: service, username, password, tag, agent, and a token of an earlier login.

import { createInterface } from "node:readline";
import { client, xml } from "@xmpp/client";

const CARBONS = "urn:xmpp:carbons:2";
const FORWARD = "urn:xmpp:forward:0";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const order = async () => {
  const { value, done } = await lines.next();
  return done ? { order: "leave" } : JSON.parse(value);
};
const tell = (event, more = {}) => process.stdout.write(JSON.stringify({ event, ...more }) + "\n");
const names = (element) => element.getChildElements().map((child) => child.name);

const who = await order();
const agent = xml("user-agent", { id: who.agent }, xml("software", {}, "xmpp.js"), xml("device", {}, who.tag));
let token = who.token;

// A function, because with a name and a password 0.14 keeps to its first token when the server has sent another one.
const credentials = async (authenticate, mechanisms, fast) =>
  authenticate({ username: who.username, password: who.password, token: await fast?.fetch() }, mechanisms[0], agent);

const xmpp = client({ service: who.service, domain: "localhost", username: who.username, resource: who.tag, credentials });
Object.assign(xmpp.fast, {
  fetchToken: async () => token,
  deleteToken: async () => (token = undefined),
  saveToken: async (next) => tell("token", { token: (token = next) }),
});
xmpp.reconnect.delay = 100;
Object.assign(xmpp.streamManagement, { requestAckInterval: 500, requestAckDebounce: 50, timeout: 1500 });
xmpp.timeout = 1000;

xmpp.on("status", (status) => tell("status", { status }));
xmpp.on("error", (error) => tell("error", { text: String(error) }));
xmpp.on("online", (jid) => tell("online", { jid: String(jid) }));
xmpp.streamManagement.on("resumed", () => tell("resumed"));
xmpp.streamManagement.on("ack", (stanza) => stanza.name === "message" && tell("ack", { text: stanza.getChildText("body") }));
xmpp.streamManagement.on("fail", (stanza) => stanza.name === "message" && tell("fail", { text: stanza.getChildText("body") }));

// What a login is made of: what is asked for in one go, and what the answer brings.
xmpp.on("send", (element) => {
  if (element.is("authenticate")) tell("asks", { mechanism: element.attrs.mechanism, inline: names(element) });
});
xmpp.on("nonza", (element) => {
  if (!element.is("success")) return;
  const bound = element.getChild("bound");
  tell("gets", { inline: names(element), bound: bound ? names(bound) : null });
});

xmpp.on("stanza", (stanza) => {
  if (!stanza.is("message")) return;
  const copy = stanza.getChild("received", CARBONS) ?? stanza.getChild("sent", CARBONS);
  const message = copy?.getChild("forwarded", FORWARD)?.getChild("message") ?? stanza;
  const text = message.getChildText("body");
  if (text) tell("message", { text, copy: Boolean(copy) });
});

const carry_out = {
  say: ({ to, texts }) =>
    xmpp.sendMany(texts.map((text) => xml("message", { to, type: "chat", id: text }, xml("body", {}, text)))),
  appear: () => xmpp.send(xml("presence")),
  // Not by iqCaller.request: 0.14 does not count the answers to its own requests among the stanzas it acknowledges.
  copy: async () => {
    const answered = new Promise((resolve) => xmpp.on("stanza", ({ attrs }) => attrs.id === "copy" && resolve(attrs.type)));
    await xmpp.send(xml("iq", { type: "set", id: "copy" }, xml("enable", { xmlns: CARBONS })));
    if ((await answered) !== "result") throw new Error("no copies");
  },
};

xmpp.start().catch((error) => tell("error", { text: String(error) }));
for (let next = await order(); next.order !== "leave"; next = await order()) {
  try {
    await carry_out[next.order](next);
    tell("done", { order: next.order });
  } catch (error) {
    tell("error", { text: String(error) });
  }
}
await xmpp.stop().catch(() => {});
process.exit(0);
