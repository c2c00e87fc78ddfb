#include "modules/pubsub/directory.h"

namespace aldis::modules::pubsub {
namespace {

/// Goes with the account, and takes its nodes along.
struct Companion {
    Companion() = default;
    Companion(const Companion&) = delete;
    Companion& operator=(const Companion&) = delete;
    ~Companion() {
        if (directory != nullptr) directory->forget(jid);
    }
    Directory* directory = nullptr;
    Jid jid;
};

}  // namespace

Task<std::shared_ptr<Service>> Directory::open(Jid jid) {
    forget_removed();
    if (std::shared_ptr<Service> there = find(jid)) co_return there;
    CallbackResult<Opened> opened{[this, &jid](Answer answer) {
        std::vector<Answer>& waiting = opening_[jid];
        waiting.push_back(std::move(answer));
        // Nobody's own: whoever was first may go before it is read.
        if (waiting.size() == 1) context_.start(read(jid));
    }};
    Opened found = co_await opened;
    if (found.fault) std::rethrow_exception(found.fault);
    co_return std::move(found.service);
}

Task<void> Directory::read(Jid jid) {
    Opened opened;
    try {
        opened.service = co_await load(jid);
    } catch (...) {
        opened.fault = std::current_exception();
    }
    const std::vector<Answer> waiting = std::move(opening_.extract(jid).mapped());
    for (const Answer& answer : waiting) answer(opened);
}

Task<std::shared_ptr<Service>> Directory::load(Jid jid) {
    // What is on its way to the disk is not there yet.
    CallbackResult<bool> settled{
        [this](std::function<void(bool)> go_on) { context_.home().after_commits([go_on] { go_on(true); }); }};
    co_await settled;
    const std::vector<db::PubsubNode> stored = co_await context_.read(
        [service = jid.text()](db::Connection& connection) { return db::Pubsub::load(connection, service); });

    auto service = std::make_shared<Service>();
    service->jid = jid;
    for (const db::PubsubNode& node : stored) service->nodes.emplace(node.name, node_of(node));
    order_.push_front(jid);
    entries_.emplace(jid, Entry{.service = service, .place = order_.begin()});
    static_cast<void>(find(jid));
    make_room();
    co_return service;
}

std::shared_ptr<Service> Directory::find(const Jid& jid) {
    const auto place = entries_.find(jid);
    if (place == entries_.end()) return nullptr;
    Entry& entry = place->second;
    order_.splice(order_.begin(), order_, entry.place);
    const std::size_t weight = 1 + entry.service->nodes.size();
    weight_ += weight - entry.weight;
    entry.weight = weight;
    return entry.service;
}

void Directory::forget(const Jid& jid) {
    const auto place = entries_.find(jid);
    if (place == entries_.end()) return;
    weight_ -= place->second.weight;
    order_.erase(place->second.place);
    entries_.erase(place);
}

void Directory::forget_removed() {
    const std::uint64_t removals = context_.store<db::Pubsub>().removals();
    if (std::exchange(removals_, removals) == removals) return;
    entries_.clear();
    order_.clear();
    weight_ = 0;
}

void Directory::forget_with(session::Account& account) {
    auto& companion = account.slot<Companion>();
    companion.directory = this;
    companion.jid = account.jid();
}

void Directory::make_room() {
    for (auto place = order_.end(); weight_ > most_ && place != order_.begin();) {
        const Jid& jid = *--place;
        if (entries_.at(jid).service.use_count() > 1) continue;
        const Jid gone = jid;
        ++place;
        forget(gone);
    }
}

}  // namespace aldis::modules::pubsub
