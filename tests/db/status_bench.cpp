// What the states of messages cost: per event, in batches, among as many messages as you like.
//   status_bench MESSAGES [DIRECTORY]
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "db/stores.h"

namespace {

using namespace aldis;
using SteadyClock = std::chrono::steady_clock;
using Kind = db::StatusEvent::Kind;

constexpr std::size_t owners = 10'000;
constexpr std::size_t batch = 500;

double microseconds_since(SteadyClock::time_point start) {
    return std::chrono::duration<double, std::micro>(SteadyClock::now() - start).count();
}

double cpu_microseconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/// Of the writer's thread, which shares its cores with whatever else runs.
double thread_microseconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e6 + double(time.tv_nsec) / 1e3;
}

db::StatusEvent event(Kind kind, std::size_t number) {
    return {.kind = kind,
            .owner = "user" + std::to_string(number * 7'919 % owners) + "@localhost",
            .peer = "peer" + std::to_string(number % 20) + "@localhost",
            .id = "b8ba5d1e-57a2-4d8f-9d0d-" + std::to_string(100'000'000'000 + number),
            .at = Timestamp{std::chrono::seconds{1'700'000'000} + std::chrono::milliseconds{number}}};
}

/// Prints what an event costs beside the commit, and all in all.
void apply(db::Stores& stores, const char* what, Kind kind, std::size_t from, std::size_t to) {
    const double cpu = cpu_microseconds();
    double inside = 0;
    for (std::size_t next = from; next < to; next += batch) {
        std::vector<db::StatusEvent> events;
        for (std::size_t number = next; number < std::min(to, next + batch); ++number)
            events.push_back(event(kind, number));
        stores.database.write_now([&](db::Connection& connection) {
            const double start = thread_microseconds();
            db::MessageStatus::apply(connection, events);
            inside += thread_microseconds() - start;
        });
    }
    const auto count = double(to - from);
    std::printf("%-12s %5.2f us an event, %5.2f us CPU with making it, commit and checkpoint\n", what, inside / count,
                (cpu_microseconds() - cpu) / count);
}

void find(db::Stores& stores, std::size_t messages) {
    constexpr std::size_t times = 10'000;
    stores.database.read_now([&](db::Connection& connection) {
        const SteadyClock::time_point start = SteadyClock::now();
        for (std::size_t turn = 0; turn < times; ++turn) {
            const db::StatusEvent about = event(Kind::sent, turn * 104'729 % messages);
            if (!db::MessageStatus::find(connection, about.owner, about.peer, about.id)) std::abort();
        }
        std::printf("%-12s %5.2f us\n", "find", microseconds_since(start) / times);
    });
}

void forget(db::Stores& stores, std::size_t number) {
    const SteadyClock::time_point start = SteadyClock::now();
    std::size_t forgotten = 0;
    const Timestamp cutoff = event(Kind::sent, number).at;
    for (std::size_t some = batch; some == batch; forgotten += some) {
        some = stores.database.write_now(
            [&](db::Connection& connection) { return db::MessageStatus::forget_before(connection, cutoff, batch); });
    }
    std::printf("%-12s %5.2f us a message, %zu of them\n", "forget", microseconds_since(start) / double(forgotten),
                forgotten);
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t messages = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    const std::size_t more = messages + 50'000;
    const std::filesystem::path folder =
        std::filesystem::path{argc > 2 ? argv[2] : "/tmp"} / ("status_bench." + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    {
        db::Options options;
        options.path = folder / "status.db";
        db::Stores stores{options};
        apply(stores, "(filling)", Kind::sent, 0, messages);
        std::printf("%zu messages: %ju MiB\n", messages,
                    std::uintmax_t{std::filesystem::file_size(options.path) >> 20});
        apply(stores, "sent", Kind::sent, messages, more);
        apply(stores, "delivered", Kind::delivered, messages, more);
        apply(stores, "displayed", Kind::displayed, messages, more);
        find(stores, more);
        forget(stores, 20'000);
    }
    std::filesystem::remove_all(folder);
}
