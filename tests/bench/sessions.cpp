#include "sessions.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Generous: ejabberd on a busy core takes some 5 ms for a login with TLS.
Nanoseconds longest_login(unsigned sessions) { return seconds{30} + milliseconds{50} * sessions; }

double to_seconds(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

Sessions::Sessions(const Options& options) : options_{options} {
    raise_descriptor_limit();
    const Surroundings surroundings{loop_, options_, tls_, resolve(options_.host, options_.port)};
    for (unsigned i = 0; i < options_.sessions; ++i) clients_.push_back(std::make_unique<Client>(surroundings, i));
}

void Sessions::log_in(Report& report) {
    const Nanoseconds start = clock_now();
    const double cpu = cpu_seconds(options_.pid);
    std::size_t started = 0;
    std::vector<Client*> under_way;
    const auto advance = [&] {
        std::erase_if(under_way, [](const Client* client) { return client->is_ready(); });
        while (started < clients_.size() && under_way.size() < options_.at_once) {
            under_way.push_back(clients_[started++].get());
            under_way.back()->log_in();
        }
        for (const Client* client : under_way)
            if (!client->failure().empty()) throw std::runtime_error{client->failure()};
        return under_way.empty();
    };
    if (!loop_.turn_until(advance, start + longest_login(options_.sessions)))
        throw std::runtime_error{"logins take too long; waiting for " + under_way.front()->user()};
    check();
    report.add("login_seconds", to_seconds(clock_now() - start));
    report.add("login_cpu_ms_per_session", (cpu_seconds(options_.pid) - cpu) * 1000 / options_.sessions);
}

void Sessions::log_out() {
    for (const std::unique_ptr<Client>& client : clients_) client->log_out();
    const auto all_gone = [this] {
        return std::ranges::none_of(clients_,
                                    [](const std::unique_ptr<Client>& client) { return client->is_connected(); });
    };
    // The first turn sends what was queued.
    loop_.turn(milliseconds{0});
    loop_.turn_until(all_gone, clock_now() + seconds{10});
}

void Sessions::wait_until_quiet(milliseconds quiet) {
    const Nanoseconds start = clock_now();
    const auto is_quiet = [&] { return clock_now() - std::max(loop_.last_byte(), start) >= quiet; };
    loop_.turn_until(is_quiet, start + seconds{60} + milliseconds{20} * options_.sessions);
}

void Sessions::set_handler(StanzaHandler* handler) {
    for (const std::unique_ptr<Client>& client : clients_) client->set_handler(handler);
}

void Sessions::check() const {
    for (const std::unique_ptr<Client>& client : clients_)
        if (!client->failure().empty()) throw std::runtime_error{client->failure()};
}

void report_memory(Report& report, const Memory& before, const Memory& idle, unsigned sessions) {
    const auto each = [sessions](std::uint64_t less, std::uint64_t more) {
        return (static_cast<double>(more) - static_cast<double>(less)) / sessions;
    };
    report.add("rss_kib_before", static_cast<double>(before.rss));
    report.add("pss_kib_before", static_cast<double>(before.pss));
    report.add("rss_kib_with_sessions", static_cast<double>(idle.rss));
    report.add("pss_kib_with_sessions", static_cast<double>(idle.pss));
    report.add("rss_kib_per_session", each(before.rss, idle.rss));
    report.add("pss_kib_per_session", each(before.pss, idle.pss));
}

}  // namespace load
