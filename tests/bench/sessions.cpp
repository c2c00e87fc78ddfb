#include "sessions.h"

#include <unistd.h>

#include <algorithm>
#include <span>
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

Sessions::Sessions(const Options& options, unsigned more) : options_{options} {
    raise_descriptor_limit();
    const Surroundings surroundings{loop_, options_, tls_, resolve(options_.host, options_.port)};
    for (unsigned i = 0; i < options_.sessions + more; ++i)
        clients_.push_back(std::make_unique<Client>(surroundings, i));
}

Logins Sessions::log_in(const Login& how, std::size_t count) {
    Logins result;
    const Nanoseconds start = clock_now();
    const double cpu = cpu_seconds(options_.pid);
    const double own_cpu = cpu_seconds(::getpid());
    std::size_t started = 0;
    std::vector<Client*> under_way;
    const auto advance = [&] {
        std::erase_if(under_way, [&](const Client* client) {
            if (client->is_ready()) result.took.add(client->login_took());
            return client->is_ready();
        });
        while (started < count && under_way.size() < options_.at_once) {
            under_way.push_back(clients_[started++].get());
            under_way.back()->log_in(how);
        }
        for (const Client* client : under_way) client->check();
        return under_way.empty();
    };
    if (!loop_.turn_until(advance, start + longest_login(options_.sessions)))
        throw std::runtime_error{"logins take too long; waiting for " + under_way.front()->user()};
    check();
    result.seconds = to_seconds(clock_now() - start);
    result.cpu_seconds = cpu_seconds(options_.pid) - cpu;
    result.own_cpu_seconds = cpu_seconds(::getpid()) - own_cpu;
    return result;
}

void Sessions::log_in(Report& report) {
    const Logins logins = log_in({.auth = options_.auth}, clients_.size());
    report.add("login_seconds", logins.seconds);
    report.add("login_cpu_ms_per_session", logins.cpu_seconds * 1000 / options_.sessions);
}

void Sessions::log_out(std::size_t count) {
    const std::span leaving{clients_.data(), count};
    for (const std::unique_ptr<Client>& client : leaving) client->log_out();
    const auto all_gone = [leaving] {
        return std::ranges::none_of(leaving,
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

void Sessions::wait(Nanoseconds time) {
    loop_.turn_until([] { return false; }, clock_now() + time);
}

void Sessions::set_handler(StanzaHandler* handler) {
    for (const std::unique_ptr<Client>& client : clients_) client->set_handler(handler);
}

void Sessions::check() const {
    for (const std::unique_ptr<Client>& client : clients_) client->check();
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
