#include "modules/pubsub/last_items.h"

#include <algorithm>

#include "db/blocks.h"
#include "db/roster.h"
#include "modules/pubsub/access.h"
#include "modules/pubsub/config.h"
#include "modules/pubsub/notices.h"

namespace aldis::modules::pubsub {
namespace {

/// Read at once, and at most; the item that goes beyond the bytes still comes.
constexpr std::size_t most_owners = 100;
constexpr std::size_t most_bytes = 64 << 10;
/// Who has got so much gets the rest slowly: a client's connection may be slower than our disk.
constexpr std::size_t at_full_speed = 1 << 20;
constexpr std::chrono::milliseconds pause{250};
constexpr std::size_t most_workers = 2;
/// Owners of all jobs together; beyond it nobody is sent last items.
constexpr std::size_t most_waiting = 500'000;

struct Found {
    std::size_t owner;  ///< index in the question
    std::string node;
    NodeConfig config;
    db::PubsubItem item;
};

struct Question {
    std::vector<std::string> owners;
    Wanted nodes;
    Jid to;
    Began began;
    Timestamp now;
};

struct Answer {
    std::vector<Found> found;
    std::size_t done = 0;  ///< owners
    std::size_t bytes = 0;
};

/// The other side of the subscription: what the owner says of who wants his items.
struct Relation {
    bool sees_presence = false;
    std::vector<std::string> groups = {};
};

bool is_blocked(db::Connection& connection, std::string_view owner, const Jid& to) {
    session::Blocklist blocklist;
    for (const std::string& address : db::Blocks::load(connection, owner))
        if (const Result<Jid> jid = Jid::parse(address)) blocklist.add(*jid);
    return blocklist.blocks(to);
}

Relation relation_of(db::Connection& connection, std::string_view owner, const Jid& to) {
    std::optional<db::RosterItem> contact = db::Roster::find(connection, owner, to.bare_text());
    if (!contact || is_blocked(connection, owner, to)) return {};
    const bool sees =
        contact->subscription == db::Subscription::from || contact->subscription == db::Subscription::both;
    return {.sees_presence = sees, .groups = std::move(contact->groups)};
}

bool is_sent(const NodeConfig& config, Began began) {
    using enum xep::pubsub::SendLast;
    if (!config.deliver_notifications) return false;
    return config.send_last == on_sub_and_presence || (config.send_last == on_sub && began == Began::subscription);
}

void read_owner(db::Connection& connection, const Question& question, std::size_t index, Answer& answer) {
    const std::string& owner = question.owners[index];
    std::vector<db::PubsubFound> nodes = db::Pubsub::find(connection, owner, question.to.bare_text());
    std::erase_if(nodes, [&](const db::PubsubFound& node) {
        return !std::ranges::binary_search(*question.nodes, node.name) || !is_sent(decode(node.config), question.began);
    });
    if (nodes.empty()) return;
    const bool own = owner == question.to.bare_text();
    const Relation relation = own ? Relation{} : relation_of(connection, owner, question.to);
    if (!own && !relation.sees_presence) return;
    for (db::PubsubFound& node : nodes) {
        NodeConfig config = decode(node.config);
        if (!own && !may_see(config, static_cast<Affiliation>(node.affiliation), true, relation.groups)) continue;
        std::optional<db::PubsubItem> item = db::Pubsub::last(connection, node.number, question.now);
        if (!item) continue;
        constexpr std::size_t around = 400;
        answer.bytes += item->payload.size() + around;
        answer.found.push_back(
            {.owner = index, .node = std::move(node.name), .config = std::move(config), .item = std::move(*item)});
    }
}

Answer read(db::Connection& connection, const Question& question) {
    Answer answer;
    while (answer.done < question.owners.size() && answer.bytes < most_bytes)
        read_owner(connection, question, answer.done++, answer);
    return answer;
}

}  // namespace

LastItems::LastItems(mod::Context& context) : context_{context}, interests_{context.host().slot<Interests>()} {
    context.host().slot<Slot>().last_items = this;
    context.every(pause, *this, &LastItems::release);
}

void LastItems::send(const Jid& to, const Wanted& nodes, std::vector<Jid> owners, Began began) {
    if (owners_ + owners.size() > most_waiting) {
        context_.log().warn("last items are not sent: too many wait for theirs", kv("jid", to));
        return;
    }
    owners_ += owners.size();
    waiting_.push_back({.to = to, .nodes = nodes, .owners = std::move(owners), .began = began});
    if (workers_ < most_workers) context_.start(work());
}

Task<void> LastItems::work() {
    ++workers_;
    while (!waiting_.empty()) {
        Job job = std::move(waiting_.front());
        waiting_.pop_front();
        const std::size_t owners = job.owners.size();
        const std::uint64_t since = interests_.begin_reading();
        std::optional<Job> rest;
        try {
            rest = co_await go_on(std::move(job), since);
        } catch (const std::exception& error) {
            context_.log().error("last items cannot be read", kv("cause", error.what()));
        }
        interests_.end_reading(since);
        if (!rest) {
            owners_ -= owners;
        } else {
            (rest->bytes < at_full_speed ? waiting_ : slow_).push_back(std::move(*rest));
        }
    }
    --workers_;
}

/// One part of it. @return  what is left
Task<std::optional<LastItems::Job>> LastItems::go_on(Job job, std::uint64_t since) {
    if (!interests_.wants_any(job.to)) co_return std::nullopt;  // it has gone meanwhile
    Question question{
        .owners = {}, .nodes = job.nodes, .to = job.to, .began = job.began, .now = context_.clock().now()};
    const std::size_t end = std::min(job.owners.size(), job.done + most_owners);
    for (std::size_t i = job.done; i < end; ++i) question.owners.push_back(job.owners[i].text());
    const Answer answer = co_await context_.read(
        [question = std::move(question)](db::Connection& connection) { return read(connection, question); });

    for (const Found& found : answer.found) {
        const Jid& owner = job.owners[job.done + found.owner];
        // It was told of something newer already.
        if (interests_.told_since(since, owner, found.node)) continue;
        const Item item{
            .id = found.item.id, .publisher = found.item.publisher, .payload = found.item.payload, .at = found.item.at};
        const event::Event event = published(owner, found.node, found.config, item);
        const std::string id = context_.random().token(12);
        context_.home().route(AnyStanza{addressed(notice(owner, found.config, id, event, item.at), job.to)});
    }
    job.done += answer.done;
    job.bytes += answer.bytes;
    if (job.done == job.owners.size()) co_return std::nullopt;
    co_return std::move(job);
}

void LastItems::release() {
    for (Job& job : slow_) waiting_.push_back(std::move(job));
    slow_.clear();
    if (!waiting_.empty() && workers_ < most_workers) context_.start(work());
}

}  // namespace aldis::modules::pubsub
