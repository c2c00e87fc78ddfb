// What a shard has on its way to the disk, and what goes on when it is there: delivery follows the commit.
#include <algorithm>

#include "session/home.h"

namespace aldis::session {
namespace {

constexpr stanza::Error not_stored{Condition::internal_server_error, ErrorType::wait, "This could not be stored."};
constexpr stanza::Error busy{Condition::resource_constraint, ErrorType::wait, "The server is too busy."};

}  // namespace

void Home::commit(db::Unit unit, std::move_only_function<void(bool stored)> then) {
    if (unit.empty()) {
        if (pending_.empty()) return then(true);
        pending_.push_back({.ticket = pending_.back().ticket, .then = std::move(then)});
        return;
    }
    try {
        const db::Ticket ticket = stores_.database.submit(std::move(unit), *this);
        ++submitted_;
        pending_.push_back({.ticket = ticket, .then = std::move(then)});
    } catch (const std::exception& error) {
        log_.error("nothing can be stored", kv("cause", error.what()));
        then(false);
    }
}

void Home::after_commits(std::move_only_function<void()> then) {
    if (pending_.empty()) return then();
    pending_.push_back(
        {.ticket = pending_.back().ticket, .then = [then = std::move(then)](bool) mutable { then(); }, .always = true});
}

void Home::commit(Transfer transfer, Account& account) {
    const std::size_t sender = stanza::base_of(transfer.stanza).from().hash();
    if (transfer.unit.empty()) {
        // What stores nothing waits for nothing, but for what its sender sent before it.
        if (pending_.empty() || !account.pinned_by(sender)) {
            Transfer news = news_of(transfer);
            guarded([&] { account.deliver(std::move(transfer)); });
            return settle(news, true);
        }
        account.pin(sender);
        pending_.push_back({.ticket = pending_.back().ticket,
                            .account = &account,
                            .sender = sender,
                            .transfer = std::move(transfer),
                            .always = true});
        return;
    }
    try {
        const db::Ticket ticket = stores_.database.submit(std::move(transfer.unit), *this);
        ++submitted_;
        transfer.unit = {};
        if (deliver_first_) return deliver_now(ticket, std::move(transfer), account);
        account.pin(sender);
        pending_.push_back({.ticket = ticket, .account = &account, .sender = sender, .transfer = std::move(transfer)});
    } catch (const std::exception& error) {
        log_.error("a message could not be stored", kv("account", account.jid()), kv("cause", error.what()));
        transfer.unit = {};
        refuse(std::move(transfer), busy);
    }
}

/// Durability "before-ack": only what waits for the news waits. The sender learns of a failure from the log, as he may
/// have been read already.
void Home::deliver_now(db::Ticket ticket, Transfer transfer, Account& account) {
    auto news = std::make_unique<Transfer>(news_of(transfer));
    pending_.push_back({.ticket = ticket, .then = [this, news = std::move(news)](bool stored) mutable {
                            if (!stored)
                                log_.error("a message was delivered and not stored",
                                           kv("from", stanza::base_of(news->stanza).from()));
                            settle(*news, stored);
                        }});
    account.deliver(std::move(transfer));
}

void Home::failed(db::Ticket from, db::Ticket to) {
    shard_.post([this, from, to] {
        lost_.emplace_back(from, to);
        pass(to);
    });
}

void Home::committed(db::Ticket up_to) {
    shard_.post([this, up_to] { pass(up_to); });
}

/// Everything up to this ticket is on disk or lost.
void Home::pass(db::Ticket up_to) {
    while (!pending_.empty() && pending_.front().ticket <= up_to) {
        Pending pending = std::move(pending_.front());
        pending_.pop_front();
        const auto is_lost = [&](const auto& range) {
            return pending.ticket >= range.first && pending.ticket <= range.second;
        };
        const bool stored = pending.always || std::ranges::none_of(lost_, is_lost);
        guarded([&] { finish(std::move(pending), stored); });
    }
    std::erase_if(lost_, [&](const auto& range) { return range.second <= up_to; });
}

void Home::finish(Pending pending, bool stored) {
    if (pending.then) return pending.then(stored);
    Account& account = *pending.account;
    if (stored) {
        // The news comes last: what its sender sent after it may go on at once.
        Transfer news = news_of(*pending.transfer);
        account.unpin(pending.sender);
        guarded([&] { account.deliver(std::move(*pending.transfer)); });
        settle(news, true);
    } else {
        account.unpin(pending.sender);
        refuse(std::move(*pending.transfer), not_stored);
    }
    retire(account);
}

/// What is left of a transfer for the one who waits to hear of it.
Transfer Home::news_of(Transfer& transfer) {
    return {.stanza = Presence{{.from = stanza::base_of(transfer.stanza).from()}},
            .origin = std::exchange(transfer.origin, {}),
            .then = std::exchange(transfer.then, nullptr),
            .sent = std::exchange(transfer.sent, nullptr),
            .sent_id = transfer.sent_id};
}

}  // namespace aldis::session
