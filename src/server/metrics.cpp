#include "server/metrics.h"

namespace aldis::server {
namespace {

using metrics::Labels;

Labels kind(std::size_t index, std::string_view direction) {
    static constexpr std::array<std::string_view, 3> names{"message", "presence", "iq"};
    return {{"kind", std::string{names[index]}}, {"direction", std::string{direction}}};
}

template <class Counter>
auto value_of(const Counter& counter) {
    return [&counter] { return static_cast<double>(counter.value()); };
}

auto value_of(const std::atomic<std::uint64_t>& number) {
    return [&number] { return static_cast<double>(number.load(std::memory_order_relaxed)); };
}

metrics::Distribution distribution_of(const db::Histogram& histogram, double unit) {
    metrics::Distribution seen;
    for (std::size_t i = 0; i < histogram.buckets.size(); ++i)
        seen.buckets.push_back({.most = static_cast<double>((std::uint64_t{1} << i) - 1) * unit,
                                .count = histogram.buckets[i].load(std::memory_order_relaxed)});
    seen.sum = static_cast<double>(histogram.sum.load(std::memory_order_relaxed)) * unit;
    return seen;
}

void add_home(metrics::Registry& registry, session::Home& home) {
    session::HomeCounters& counters = home.counters();
    registry.read_gauge("aldis_sessions", "Resources that are bound and connected.", {}, value_of(counters.sessions));
    registry.read_gauge("aldis_sessions_away", "Sessions that wait for their client to come back.", {},
                        value_of(counters.away));
    registry.read_counter("aldis_sessions_resumed_total", "Sessions that a client has come back to.", {},
                          value_of(counters.resumed));
    registry.read_counter("aldis_sessions_given_up_total", "Sessions that nobody came back to in time.", {},
                          value_of(counters.not_resumed));
    registry.read_gauge("aldis_accounts_in_memory", "Accounts that are held in memory.", {},
                        value_of(counters.accounts));
    for (std::size_t i = 0; i < 3; ++i) {
        constexpr std::string_view help = "Stanzas from and to clients.";
        registry.read_counter("aldis_stanzas_total", help, kind(i, "in"), value_of(counters.received[i]));
        registry.read_counter("aldis_stanzas_total", help, kind(i, "out"), value_of(counters.delivered[i]));
    }
    registry.read_counter("aldis_stanzas_refused_total",
                          "Stanzas answered with an error, or dropped where an answer is forbidden.", {},
                          value_of(counters.refused));
    registry.read_histogram("aldis_route_seconds",
                            "From the receipt of a message to its delivery; one in 16 is measured.", {},
                            [&counters] { return counters.route_time.read(); });
}

void add_shard(metrics::Registry& registry, net::ShardCounters& counters) {
    registry.read_gauge("aldis_connections", "Open connections.", {}, value_of(counters.connections));
    registry.read_gauge("aldis_queued_bytes", "Output that clients have not read yet.", {},
                        value_of(counters.queued_bytes));
    registry.read_counter("aldis_connections_accepted_total", "Connections since the start.", {},
                          value_of(counters.accepted));
    registry.read_counter("aldis_received_bytes_total", "Bytes from clients.", {}, value_of(counters.bytes_in));
    registry.read_counter("aldis_sent_bytes_total", "Bytes to clients.", {}, value_of(counters.bytes_out));
}

void add_database(metrics::Registry& registry, const db::Metrics& database) {
    registry.read_counter("aldis_commits_total", "Transactions on disk.", {}, value_of(database.transactions));
    registry.read_counter("aldis_commit_units_failed_total", "Changes that could not be stored.", {},
                          value_of(database.units_failed));
    registry.read_gauge("aldis_commit_units_waiting", "Changes on their way to the disk.", {},
                        value_of(database.units_waiting));
    registry.read_counter("aldis_database_reads_total", "Queries.", {}, value_of(database.reads));
    registry.read_gauge("aldis_database_reads_waiting", "Queries that wait for a reader.", {},
                        value_of(database.reads_waiting));
    registry.read_histogram("aldis_commit_units", "Changes in one transaction.", {},
                            [&database] { return distribution_of(database.batch_units, 1); });
    registry.read_histogram("aldis_commit_seconds", "One commit, with its sync.", {},
                            [&database] { return distribution_of(database.commit_microseconds, 1e-6); });
}

}  // namespace

void add_metrics(metrics::Registry& registry, const std::vector<session::Home*>& homes, const db::Stores& stores,
                 const AddressGuard& guard) {
    metrics::add_process_metrics(registry);
    for (session::Home* const home : homes) {
        add_home(registry, *home);
        add_shard(registry, home->shard().counters());
    }
    add_database(registry, stores.database.metrics());
    constexpr std::string_view help = "Logins by outcome.";
    registry.read_counter("aldis_logins_total", help, {{"outcome", "success"}},
                          [&guard] { return static_cast<double>(guard.successes()); });
    registry.read_counter("aldis_logins_total", help, {{"outcome", "failure"}},
                          [&guard] { return static_cast<double>(guard.failures()); });
}

}  // namespace aldis::server
