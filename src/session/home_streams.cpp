// The streams that have not bound a resource, and the accounts that are in memory.
#include <algorithm>

#include "db/users.h"
#include "session/accounts.h"
#include "session/home.h"

namespace aldis::session {

/// What is read from disk of an account.
struct Home::Stored {
    bool exists = false;
    bool failed = false;
    db::RosterState roster = {};
    std::vector<std::unique_ptr<SlotBase>> slots = {};
};

void Home::accept(std::unique_ptr<net::Transport> transport, stream::TlsMode tls_mode) {
    if (!guard_.admit(transport->peer_address())) {
        log_.info("connection refused", kv("peer", transport->peer_address()), kv("why", "too many connections"));
        return;
    }
    auto made = std::make_unique<stream::ClientStream>(place_, *this, std::move(transport), tls_mode);
    stream::ClientStream* const stream = made.get();
    unbound_.emplace(stream, std::move(made));
    if (shutting_down_) stream->end(stream::StreamCondition::system_shutdown);
}

const stream::Domain* Home::find_domain(std::string_view name) const {
    const auto place = hosts_.find(std::string{name});
    // Nobody logs in to a service.
    return place == hosts_.end() || place->second->is_service() ? nullptr : &place->second->domain();
}

void Home::set_certificate_known(std::string_view domain, bool known) {
    if (Host* const there = host(domain)) there->domain().tls = known;
}

// ---- Accounts ----

Account* Home::find(const Jid& bare) {
    const auto place = accounts_.find(bare);
    return place == accounts_.end() ? nullptr : place->second.get();
}

void Home::with(const Jid& bare, UseAccount use) {
    Account* account = find(bare);
    if (account != nullptr && account->usable()) {
        account->last_used_ = shard_.now();
        return use(account, Missing::nobody);
    }
    if (account != nullptr) {
        if (!account->waiting_) account->waiting_ = std::make_unique<std::vector<UseAccount>>();
        if (account->waiting_->size() >= limits_.waiting_for_load) return use(nullptr, Missing::failed);
        account->waiting_->push_back(std::move(use));
        return retire(*account);
    }
    Host* const there = host(bare.domain());
    if (there == nullptr) return use(nullptr, Missing::nobody);
    auto made = std::make_unique<Account>(*this, *there, bare.bare());
    account = made.get();
    account->waiting_ = std::make_unique<std::vector<UseAccount>>();
    account->waiting_->push_back(std::move(use));
    accounts_.emplace(account->jid(), std::move(made));
    load(*account);
}

void Home::load(Account& account) {
    if (account.host().domain().anonymous) return load_guest(account);
    auto job = [this, jid = account.jid(), loaders = &account.host().handlers().loaders,
                back = way_back()](db::Connection& connection) {
        auto stored = std::make_unique<Stored>();
        const std::string& owner = jid.text();
        try {
            const std::optional<db::User> user = db::Users::find(connection, owner);
            stored->exists = user && !user->disabled;
            if (stored->exists) {
                stored->roster = db::Roster::load(connection, owner);
                for (const mod::Loader& loader : *loaders) stored->slots.push_back(loader(connection, owner));
            }
        } catch (const std::exception& error) {
            log_.error("an account could not be read", kv("account", owner), kv("cause", error.what()));
            stored->exists = false;
            stored->failed = true;
        }
        back([this, jid, stored = std::move(stored)]() mutable { loaded(jid, std::move(stored)); });
    };
    try {
        stores_.database.read(std::move(job));
    } catch (const std::exception& error) {
        log_.error("an account could not be read", kv("account", account.jid()), kv("cause", error.what()));
        shard_.post([this, jid = account.jid()] {
            loaded(jid, std::make_unique<Stored>(Stored{.failed = true, .roster = {}, .slots = {}}));
        });
    }
}

/// XEP-0175: a guest is somebody while he is here, and has nothing on disk.
void Home::load_guest(const Account& account) {
    const bool comes =
        std::ranges::any_of(unbound_, [&](const auto& entry) { return entry.first->account() == account.jid(); });
    shard_.post([this, jid = account.jid(), comes] {
        loaded(jid, std::make_unique<Stored>(Stored{.exists = comes, .roster = {}, .slots = {}}));
    });
}

void Home::loaded(const Jid& bare, std::unique_ptr<Stored> stored) {
    const auto place = accounts_.find(bare);
    if (place == accounts_.end()) return;
    Account& account = *place->second;
    if (std::exchange(account.forgotten_, false)) return load(account);  // it has changed since it was read
    const auto waiting = std::move(account.waiting_);
    if (!stored->exists) {
        const Missing why = stored->failed ? Missing::failed : Missing::nobody;
        std::unique_ptr<Account> nobody = std::move(place->second);
        accounts_.erase(place);
        for (UseAccount& use : *waiting) guarded([&] { use(nullptr, why); });
        shard_.dispose(std::move(nobody));
        return;
    }
    account.contacts_ = Contacts{stored->roster};
    account.slots_ = {};
    for (auto& slot : stored->slots) account.slots_.add(std::move(slot));
    if (auto* const blocked = account.slots_.find<Blocklist>()) account.blocklist_ = std::move(*blocked);
    account.ready_ = true;
    account.last_used_ = shard_.now();
    ++account.keep_;
    for (UseAccount& use : *waiting) guarded([&] { use(&account, Missing::nobody); });
    --account.keep_;
}

void Home::forget(const Jid& bare, std::string_view text) {
    end_unbound({.account = bare, .text = std::string{text}});
    Account* const account = find(bare);
    if (account == nullptr) return;
    account->forgotten_ = true;
    account->end_all(stream::StreamCondition::not_authorized, text);
    // What its clients had not acknowledged was for the owner, not for whoever gets this name after him.
    tasks_.start(remove_leftovers(*this, bare));
    retire(*account);
}

void Home::retire(Account& account) {
    if (!account.forgotten_ || !account.ready_ || !account.sessions_.empty() || account.in_use()) return;
    account.forgotten_ = false;
    if (account.waiting_ && !account.waiting_->empty()) {
        account.ready_ = false;
        return load(account);
    }
    const auto place = accounts_.find(account.jid());
    std::unique_ptr<Account> last = std::move(place->second);
    accounts_.erase(place);
    shard_.dispose(std::move(last));
}

}  // namespace aldis::session
