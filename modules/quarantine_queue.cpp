#include "modules/quarantine_queue.h"

#include <algorithm>

#include "session/account.h"
#include "session/home.h"
#include "xep/xep0203_delay.h"
#include "xml/parser.h"

namespace aldis::modules::quarantine {
namespace {

constexpr std::size_t at_once = 100;

Task<bool> write(session::Home& home, db::Unit unit) {
    CallbackResult<bool> stored{
        [&home, &unit](std::function<void(bool)> answer) { home.commit(std::move(unit), std::move(answer)); }};
    const bool done = co_await stored;
    co_return done;
}

void deliver(session::Home& home, session::Account& account, const db::HeldStanza& held) {
    xml::Document document = xml::parse_document(held.stanza, xml::client_ns, {.stanza_bytes = held.stanza.size()});
    auto stanza = stanza::read(document);
    if (!stanza) return;
    if (auto* const message = std::get_if<Message>(&*stanza); message != nullptr && !message->has<xep::Delay>())
        message->add(xep::Delay{.from = account.jid(), .stamp = held.at});
    session::Transfer transfer{.stanza = std::move(*stanza)};
    db::Quarantine::remove(transfer.unit, held.id);
    struct Delivering {
        explicit Delivering(Queue& q) : queue{q} { queue.delivering = true; }
        ~Delivering() { queue.delivering = false; }
        Queue& queue;
    } const delivering{account.slot<Queue>()};
    home.route(std::move(transfer));
}

}  // namespace

const db::HeldSender* Queue::find(std::string_view sender) const {
    const auto place = std::ranges::find(senders, sender, &db::HeldSender::sender);
    return place == senders.end() ? nullptr : &*place;
}

bool Queue::releases(std::string_view sender) const {
    return std::ranges::find(releasing, sender) != releasing.end() ||
           std::ranges::find(releasing, "") != releasing.end();
}

void Queue::add(std::string_view sender, bool request, std::uint64_t bytes, Timestamp now) {
    auto place = std::ranges::find(senders, sender, &db::HeldSender::sender);
    if (place == senders.end()) {
        senders.push_back({.sender = std::string{sender}, .since = now});
        place = std::prev(senders.end());
    }
    if (request)
        place->request = true;
    else
        ++place->messages;
    place->bytes += bytes;
    ++held;
}

void Queue::forget(std::string_view sender) {
    if (sender.empty()) return senders.clear();
    std::erase_if(senders, [&](const db::HeldSender& each) { return each.sender == sender; });
}

Task<void> release(session::Home& home, session::Account& account, std::string sender) {
    if (account.slot<Queue>().releases(sender)) co_return;
    account.slot<Queue>().releasing.push_back(sender);
    struct Releasing {
        session::Account& account;
        std::string sender;
        ~Releasing() { std::erase(account.slot<Queue>().releasing, sender); }
    } const releasing{account, sender};
    std::int64_t after = 0;
    for (;;) {
        const std::uint64_t before = account.slot<Queue>().held;
        // What is still on its way to the disk belongs to it.
        Task<bool> written = write(home, {});
        co_await written;
        auto job = [owner = account.jid().text(), sender, after](db::Connection& connection) {
            return db::Quarantine::load(connection, owner, sender, after, at_once);
        };
        const std::vector<db::HeldStanza> batch = co_await home.stores().database.read(home.way_back(), std::move(job));
        if (batch.empty() && account.slot<Queue>().held == before) break;
        if (batch.empty()) continue;
        for (const db::HeldStanza& held : batch) {
            try {
                deliver(home, account, held);
            } catch (const std::exception& error) {
                home.log().error("a stanza that waited is lost", kv("account", account.jid()),
                                 kv("cause", error.what()));
            }
        }
        after = batch.back().id;
        // What was refused: its sender has heard of it.
        db::Unit rest;
        db::Quarantine::remove_up_to(rest, account.jid().text(), sender, after);
        Task<bool> removed = write(home, std::move(rest));
        if (!co_await removed) co_return;
    }
    account.slot<Queue>().forget(sender);
}

}  // namespace aldis::modules::quarantine
