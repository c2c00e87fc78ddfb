#include "modules/search.h"

#include "modules/search_rules.h"
#include "xep/xep0431_fulltext_search.h"

namespace aldis::modules {
namespace {

/// How many messages the writer, for whom everybody waits, puts into the index at once: a few milliseconds.
constexpr std::size_t batch = 100;
/// How many batches somebody who searches waits for.
constexpr int most_awaited = 8;
/// For how much of each period the index is filled while others have something to write.
constexpr std::chrono::milliseconds period{1'000};
constexpr std::chrono::milliseconds share{100};
/// So long nothing is tried again when it could not be written, say because the disk is full.
constexpr std::chrono::minutes after_failure{1};

Task<bool> put_batch(mod::Context& context) {
    auto job = [&index = context.store<db::Search>()](db::Connection& connection) {
        return index.index(connection, batch);
    };
    co_return co_await context.home().stores().database.write(context.home().way_back(), std::move(job));
}

/// XEP-0431: Full Text Search in MAM. What is looked for goes with the query of the archive (modules/mam/page.cpp);
/// this fills the index, behind the archive and off the way of messages.
class Search final : public mod::Module {
public:
    explicit Search(mod::Context& context) : context_{context}, index_{context.store<db::Search>()} {
        // "Discovering Support": where the archive is, and where clients look for what it can.
        context.feature(mod::For::own_account, xep::fulltext::ns);
        context.feature(mod::For::server, xep::fulltext::ns);
        // One of all instances fills it: the messages of all accounts are one index.
        if (index_.use(&search::words_of, search::rules_version())) context.every(period, *this, &Search::begin);
    }

private:
    void begin() {
        if (filling_ || !index_.behind() || context_.home().shard().now() < not_before_) return;
        filling_ = true;
        context_.start(fill());
    }
    Task<void> fill();

    mod::Context& context_;
    db::Search& index_;
    bool filling_ = false;
    Instant not_before_{};
};

/// Each batch is a transaction, or part of one: others come between them. While others wait it keeps to its share;
/// else it goes on until it has all.
Task<void> Search::fill() {
    struct Done {
        bool& flag;
        ~Done() { flag = false; }
    } const done{filling_};
    const db::Metrics& metrics = context_.home().stores().database.metrics();
    const Instant start = context_.home().shard().now();
    not_before_ = start + after_failure;
    for (bool more = true; more;) {
        Task<bool> put = put_batch(context_);
        more = co_await put;
        const bool busy = metrics.units_waiting.load(std::memory_order_relaxed) > 0;
        if (busy && context_.home().shard().now() - start >= share) break;
    }
    not_before_ = start;
}

constexpr mod::Spec specs[] = {{"XEP-0431", "0.2.0"}};

}  // namespace

namespace search {

bool is_on(const mod::Context& context) { return context.store<db::Search>().in_use(); }

Task<void> catch_up(mod::Context& context) {
    for (int put = 0; put < most_awaited && context.store<db::Search>().behind(); ++put) {
        Task<bool> next = put_batch(context);
        bool more = false;
        try {
            more = co_await next;
        } catch (const db::Error& error) {
            // What is in the index can be found all the same.
            context.log().warn("the index is behind", kv("cause", error.what()));
        }
        if (!more) co_return;
    }
}

}  // namespace search

extern const mod::Info search_info;
const mod::Info search_info{.name = "search",
                            .summary = "Lets accounts search the texts of their archives.",
                            .implements = specs,
                            .for_guests = false,
                            .make = mod::make<Search>};

}  // namespace aldis::modules
