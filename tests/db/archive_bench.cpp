// What the archive costs: writing as a busy server does, and reading a page out of as many rows as you like.
//   archive_bench ROWS [DIRECTORY]
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <random>

#include "db/stores.h"

namespace {

using namespace aldis;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t small_owners = 10'000;
constexpr int peers_each = 20;

double microseconds_since(SteadyClock::time_point start) {
    return std::chrono::duration<double, std::micro>(SteadyClock::now() - start).count();
}

double cpu_microseconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/// Lets a bounded number of units be on their way.
class Window final : public db::Committer {
public:
    explicit Window(std::size_t size) : size_{size} {}
    void committed(db::Ticket up_to) override {
        const std::lock_guard lock{mutex_};
        done_ = up_to;
        wake_.notify_one();
    }
    void failed(db::Ticket, db::Ticket) override { std::abort(); }
    void wait(db::Ticket submitted) {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [&] { return submitted - done_ < size_; });
    }
    void wait_for_all(db::Ticket submitted) {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [&] { return done_ >= submitted; });
    }

private:
    std::size_t size_;
    std::mutex mutex_;
    std::condition_variable wake_;
    db::Ticket done_ = 0;
};

Bytes stanza_between(const std::string& from, const std::string& to) {
    return make_bytes("<message from='" + from + "/phone.8fA3' to='" + to +
                      "' type='chat' id='b8ba5d1e-57a2-4d8f-9d0d'>" + "<body>" + std::string(100, 'x') +
                      "</body><origin-id xmlns='urn:xmpp:sid:0' id='b8ba5d1e-57a2'/>" +
                      "<active xmlns='http://jabber.org/protocol/chatstates'/></message>");
}

/// Rows as Archive makes them, but without its indexes, which are quicker to make at the end. A tenth of the rows are
/// the big archive's (owner 1), the others belong to many small ones.
void insert_rows(db::Connection& connection, std::size_t from, std::size_t to, std::mt19937_64& random) {
    const std::string stanza(300, 'x');
    for (std::size_t number = from; number < to; ++number) {
        const std::int64_t id = 1'700'000'000'000'000 + static_cast<std::int64_t>(number) * 10'000;
        const std::size_t owner = number % 10 == 0 ? 1 : 2 + random() % small_owners;
        connection.run("INSERT INTO archive (id, owner, peer, flags, stanza) VALUES ($1, $2, $3, 0, $4)", id, owner,
                       1 + random() % peers_each, stanza);
    }
}

void make_names(db::Connection& connection) {
    connection.run("INSERT INTO archive_owners (id, jid) VALUES (1, 'big@localhost')");
    for (std::size_t number = 0; number < small_owners; ++number) {
        connection.run("INSERT INTO archive_owners (id, jid) VALUES ($1, $2)", number + 2,
                       "user" + std::to_string(number) + "@localhost");
    }
    for (int number = 0; number < peers_each; ++number) {
        connection.run("INSERT INTO archive_peers (id, jid) VALUES ($1, $2)", number + 1,
                       "peer" + std::to_string(number) + "@localhost");
    }
}

void fill(db::Stores& stores, std::size_t rows) {
    std::mt19937_64 random{1};
    stores.database.write_now([](db::Connection& connection) {
        make_names(connection);
        connection.script("DROP INDEX archive_by_owner; DROP INDEX archive_by_peer");
    });
    for (std::size_t made = 0; made < rows; made += 20'000) {
        stores.database.write_now(
            [&](db::Connection& connection) { insert_rows(connection, made, std::min(rows, made + 20'000), random); });
    }
    stores.database.write_now([](db::Connection& connection) {
        connection.script(
            "CREATE INDEX archive_by_owner ON archive (owner); CREATE INDEX archive_by_peer ON archive (owner, peer)");
    });
}

/// Two rows a message, between `sessions` pairs, with `on_the_way` messages not yet committed at any time.
void write_messages(db::Stores& stores, std::size_t messages, std::size_t sessions, std::size_t on_the_way) {
    constexpr std::uint64_t last_mark = db::ArchiveEntry::largest_mark;
    SystemClock clock;
    Window window{on_the_way};
    db::Ticket last = 0;
    const double cpu = cpu_microseconds();
    const SteadyClock::time_point start = SteadyClock::now();
    const std::uint64_t transactions = stores.database.metrics().transactions;
    for (std::size_t sent = 0; sent < messages; ++sent) {
        const std::string from = "sender" + std::to_string(sent % sessions) + "@localhost";
        const std::string to = "receiver" + std::to_string(sent % sessions) + "@localhost";
        const Bytes stanza = stanza_between(from, to);
        const Timestamp now = clock.now();
        db::Unit unit;
        stores.archive.append(unit, from,
                              {.with = to,
                               .at = now,
                               .stanza = stanza,
                               .dedup_key = "b8ba5d1e-57a2",
                               .outgoing = true,
                               .mark = last_mark - sent});
        stores.archive.append(unit, to, {.with = from, .with_resource = "phone.8fA3", .at = now, .stanza = stanza});
        last = stores.database.submit(std::move(unit), window);
        window.wait(last);
    }
    window.wait_for_all(last);
    const double seconds = microseconds_since(start) / 1e6;
    const double batches = double(stores.database.metrics().transactions - transactions);
    std::printf(
        "write: %5zu pairs, %4zu on the way: %7.0f messages/s (2 rows each), %5.1f us CPU a message, %4.0f a commit\n",
        sessions, on_the_way, double(messages) / seconds, (cpu_microseconds() - cpu) / double(messages),
        double(messages) / batches);
}

/// The median and the 99th percentile of reading one page.
template <class Range>
void read_pages(db::Stores& stores, const char* what, const char* owner, Range range_at) {
    std::vector<double> times = stores.database.read_now([&](db::Connection& connection) {
        std::mt19937_64 random{2};
        std::vector<double> taken;
        for (int turn = 0; turn < 2'000; ++turn) {
            const db::ArchiveRange range = range_at(random);
            const SteadyClock::time_point start = SteadyClock::now();
            const auto page = db::Archive::page(connection, owner, range);
            taken.push_back(microseconds_since(start));
            if (!page || page->entries.empty()) std::abort();
        }
        return taken;
    });
    std::ranges::sort(times);
    std::printf("read:  %-44s %6.0f us, p99 %6.0f us\n", what, times[times.size() / 2], times[times.size() * 99 / 100]);
}

void read_all(db::Stores& stores, std::size_t rows) {
    const Timestamp first{std::chrono::seconds{1'700'000'000}};
    const auto somewhere = [=](std::mt19937_64& random) {
        return first + std::chrono::milliseconds{10} * static_cast<std::int64_t>(random() % (rows - rows / 10));
    };
    const auto peer = [](std::mt19937_64& random) {
        return "peer" + std::to_string(random() % peers_each) + "@localhost";
    };
    read_pages(stores, "last 50 of the big archive", "big@localhost", [](auto&) {
        db::ArchiveRange range;
        range.last_page = true;
        return range;
    });
    read_pages(stores, "50 from anywhere in the big archive", "big@localhost", [&](auto& random) {
        db::ArchiveRange range;
        range.start = somewhere(random);
        return range;
    });
    read_pages(stores, "last 50 with a peer in the big archive", "big@localhost", [&](auto& random) {
        db::ArchiveRange range;
        range.last_page = true;
        range.with = peer(random);
        return range;
    });
    read_pages(stores, "50 with a peer, from anywhere", "big@localhost", [&](auto& random) {
        db::ArchiveRange range;
        range.start = first + (somewhere(random) - first) / 4;
        range.with = peer(random);
        return range;
    });
    read_pages(stores, "last 50, and the count where it is cheap", "big@localhost", [&](auto&) {
        db::ArchiveRange range;
        range.last_page = true;
        range.count = true;
        return range;
    });
}

/// What an account asks for when it is loaded: the messages that it may be about to send again.
void read_recent(db::Stores& stores) {
    stores.database.read_now([](db::Connection& connection) {
        const Timestamp since = SystemClock{}.now() - std::chrono::hours{1};
        for (int turn = 0; turn < 2; ++turn) {
            const SteadyClock::time_point start = SteadyClock::now();
            const auto sent = db::Archive::recent_sent(connection, "sender0@localhost", since, 1'000);
            std::printf("read:  %zu messages sent of late, %s: %.0f us\n", sent.size(), turn == 0 ? "cold" : "warm",
                        microseconds_since(start));
        }
    });
}

/// The most that a retraction costs: there is no such message.
void retract_nothing(db::Stores& stores) {
    constexpr int times = 10;
    for (const char* what : {"cold", "warm"}) {
        const SteadyClock::time_point start = SteadyClock::now();
        for (int peer = 0; peer < times; ++peer) {
            db::Unit unit;
            db::Archive::retract(unit, "big@localhost", "peer" + std::to_string(peer) + "@localhost", "none",
                                 [](const db::ArchivedMessage&) { return std::nullopt; });
            stores.database.write_now([&](db::Connection& connection) { unit.run(connection); });
        }
        std::printf("write: retraction of what is not there, %s: %.0f us\n", what, microseconds_since(start) / times);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
    const std::filesystem::path folder =
        std::filesystem::path{argc > 2 ? argv[2] : "/tmp"} / ("archive_bench." + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    {
        db::Options options;
        options.path = folder / "synced.db";
        db::Stores stores{options};
        write_messages(stores, 2'000, 200, 1);
        write_messages(stores, 50'000, 200, 400);
        write_messages(stores, 50'000, 200, 1'600);
        write_messages(stores, 50'000, 10'000, 400);
        read_recent(stores);
    }
    {
        db::Options options;
        options.path = folder / "filled.db";
        options.synced = false;
        db::Stores stores{options};
        const SteadyClock::time_point start = SteadyClock::now();
        fill(stores, rows);
        const double seconds = microseconds_since(start) / 1e6;
        std::printf("fill:  %zu rows in %.0f s, %ju MiB\n", rows, seconds,
                    std::uintmax_t{std::filesystem::file_size(options.path) >> 20});
        retract_nothing(stores);
        read_all(stores, rows);
    }
    std::filesystem::remove_all(folder);
}
