#include "modules/mam/far_retractions.h"

#include <algorithm>
#include <utility>

namespace aldis::modules::mam {
namespace {

constexpr std::size_t most = 100;
constexpr std::size_t most_of_one = 25;
constexpr std::size_t rows = 10'000;
constexpr std::chrono::days oldest{90};

db::Archive::Replace tombstone_for(const Retraction& retraction) {
    return [retraction](const db::ArchivedMessage& entry) {
        return tombstone_of(entry.stanza, entry.outgoing, retraction);
    };
}

}  // namespace

FarRetractions::FarRetractions(mod::Context& context) : context_{context} {
    context.every(std::chrono::seconds{1}, *this, &FarRetractions::begin);
}

void FarRetractions::add(const session::Transit& transit, Retraction retraction,
                         std::shared_ptr<std::atomic<bool>> buried) {
    const std::string_view asker = transit.message.from().bare_text();
    if (waiting_.size() >= most || std::ranges::count(waiting_, asker, &Wanted::asker) >= std::ptrdiff_t{most_of_one}) {
        context_.log().info("too many retractions at once", kv("account", transit.account.jid()), kv("from", asker));
        return;
    }
    db::ArchiveSearch search{.owner = transit.account.jid().text(),
                             .with = std::string{transit.peer().bare_text()},
                             .dedup_key = retraction.of,
                             .before = db::ArchiveId{context_.store<db::Archive>().latest().number() + 1},
                             .oldest = db::ArchiveId{(retraction.at - oldest).time_since_epoch().count()},
                             .rows = rows};
    waiting_.push_back({std::string{asker}, std::move(search), std::move(retraction), std::move(buried)});
}

void FarRetractions::begin() {
    if (!waiting_.empty() && !std::exchange(looking_, true)) context_.start(look_for_all());
}

Task<void> FarRetractions::look_for_all() {
    struct Done {
        bool& flag;
        ~Done() { flag = false; }
    } const done{looking_};
    while (!waiting_.empty()) {
        Wanted wanted = std::move(waiting_.front());
        waiting_.pop_front();
        co_await look_for(std::move(wanted));
    }
}

/// Other reads come between the steps.
Task<void> FarRetractions::look_for(Wanted wanted) {
    // The retraction was submitted before, so the writer has looked for its message, too.
    const Result<void> written = co_await context_.commit({});
    if (!written || *wanted.buried) co_return;
    const db::Archive::Replace replace = tombstone_for(wanted.retraction);
    db::ArchiveSearch search = std::move(wanted.search);
    while (search.rows > 0) {
        auto job = [search = std::move(search), replace](db::Connection& connection) {
            return db::Archive::search(connection, search, replace);
        };
        search = co_await context_.read(std::move(job));
    }
    if (!search.found) co_return;
    auto job = [search = std::move(search), replace](db::Connection& connection) {
        return db::Archive::replace_found(connection, search, replace);
    };
    co_await context_.home().stores().database.write(context_.home().way_back(), std::move(job));
}

}  // namespace aldis::modules::mam
