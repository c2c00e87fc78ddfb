#include "modules/pubsub/last_items.h"

#include <algorithm>

#include "modules/pubsub/last_reading.h"
#include "modules/pubsub/notices.h"

namespace aldis::modules::pubsub {
namespace {

/// Read at once.
constexpr std::size_t most_owners = 100;
/// Who has got so much gets the rest slowly: a client's connection may be slower than our disk.
constexpr std::size_t at_full_speed = 1 << 20;
constexpr std::chrono::milliseconds pause{250};
constexpr std::size_t most_workers = 2;
/// Owners that wait to be looked at, for all resources and for one; what goes beyond is not sent. Enough for who has a
/// full roster, and comes and goes a few times meanwhile.
constexpr std::size_t most_waiting = 500'000;
constexpr std::size_t most_waiting_for_one = 20'000;

}  // namespace

LastItems::LastItems(mod::Context& context) : context_{context}, interests_{context.host().slot<Interests>()} {
    context.host().slot<Slot>().last_items = this;
    context.every(pause, *this, &LastItems::release);
}

void LastItems::send(const Jid& to, const Wanted& nodes, std::vector<Jid> owners, Began began) {
    std::size_t& of_one = owners_of_[to];
    if (owners_ + owners.size() > most_waiting || of_one + owners.size() > most_waiting_for_one) {
        context_.log().info("last items are not sent: too many wait", kv("jid", to), kv("waiting", owners_));
        if (of_one == 0) owners_of_.erase(to);
        return;
    }
    owners_ += owners.size();
    of_one += owners.size();
    waiting_.push_back({.to = to, .nodes = nodes, .owners = std::move(owners), .began = began});
    if (workers_ < most_workers) context_.start(work());
}

Task<void> LastItems::work() {
    ++workers_;
    while (!waiting_.empty()) {
        Job job = std::move(waiting_.front());
        waiting_.pop_front();
        const std::size_t owners = job.owners.size();
        const Jid to = job.to;
        const std::uint64_t since = interests_.begin_reading();
        std::optional<Job> rest;
        try {
            rest = co_await go_on(std::move(job), since);
        } catch (const std::exception& error) {
            context_.log().error("last items cannot be read", kv("cause", error.what()));
        }
        interests_.end_reading(since);
        if (!rest) {
            finished(to, owners);
        } else {
            (rest->bytes < at_full_speed ? waiting_ : slow_).push_back(std::move(*rest));
        }
    }
    --workers_;
}

void LastItems::finished(const Jid& to, std::size_t owners) {
    owners_ -= owners;
    const auto place = owners_of_.find(to);
    if ((place->second -= owners) == 0) owners_of_.erase(place);
}

/// One part of it. @return  what is left
Task<std::optional<LastItems::Job>> LastItems::go_on(Job job, std::uint64_t since) {
    if (!interests_.wants_any(job.to)) co_return std::nullopt;  // it has gone meanwhile
    LastQuestion question{
        .owners = {}, .nodes = job.nodes, .to = job.to, .began = job.began, .now = context_.clock().now()};
    const std::size_t end = std::min(job.owners.size(), job.done + most_owners);
    for (std::size_t i = job.done; i < end; ++i) question.owners.push_back(job.owners[i].text());
    const LastAnswer answer = co_await context_.read(
        [question = std::move(question)](db::Connection& connection) { return read_last(connection, question); });

    for (const LastFound& found : answer.found) {
        const Jid& owner = job.owners[job.done + found.owner];
        // It was told of something newer already.
        if (interests_.told_since(since, owner, found.node)) continue;
        const Item item{
            .id = found.item.id, .publisher = found.item.publisher, .payload = found.item.payload, .at = found.item.at};
        const event::Event event = published(owner, found.node, *found.config, item);
        const std::string id = context_.random().token(12);
        context_.home().route(AnyStanza{addressed(notice(owner, *found.config, id, event, item.at), job.to)});
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
