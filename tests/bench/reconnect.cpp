#include <algorithm>
#include <span>
#include <stdexcept>

#include "scenarios.h"
#include "sessions.h"
#include "traffic.h"

namespace load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Adds up what rounds of logins have cost.
class Cost {
public:
    void add(const Logins& logins, std::size_t count) {
        seconds_ += logins.seconds;
        cpu_seconds_ += logins.cpu_seconds;
        own_cpu_seconds_ += logins.own_cpu_seconds;
        count_ += count;
        took_.add(logins.took);
    }
    double seconds() const { return seconds_; }
    std::size_t count() const { return count_; }
    void tell(Report& report, const Options& options) const {
        const auto count = static_cast<double>(count_);
        const auto took = [this](double share) { return static_cast<double>(took_.quantile(share).count()) / 1e6; };
        report.add("seconds", seconds_);
        report.add("logins", count);
        report.add("logins_per_second", count / seconds_);
        if (options.pid != 0) {
            report.add("server_cpu_us_per_login", cpu_seconds_ * 1e6 / count);
            report.add("server_cpu_percent", cpu_seconds_ * 100 / seconds_);
        }
        report.add("tool_cpu_percent", own_cpu_seconds_ * 100 / seconds_);
        report.add("login_ms_p50", took(0.5));
        report.add("login_ms_p99", took(0.99));
    }

private:
    double seconds_ = 0;
    double cpu_seconds_ = 0;
    double own_cpu_seconds_ = 0;
    std::size_t count_ = 0;
    Histogram took_;
};

/// Clients whose connections are cut and who come back to their sessions. Meanwhile one more client, who stays, writes
/// to each of them; that must arrive once and in order when they are back.
class Reconnect final : StanzaHandler {
public:
    explicit Reconnect(const Options& options) : sessions_{options, 1}, count_{options.sessions} {}
    void begin();
    /// A new session for each.
    void start_anew();
    void cut();
    /// Returns when the server has what was sent.
    void write_to_the_absent();
    Logins come_back();
    /// Waits for what was written.
    /// @return  whether all is as it should be
    bool check_what_came();
    void tell_faults(Report& report) const;
    Sessions& sessions() { return sessions_; }

private:
    void stanza(Client& client, std::string_view element) override;
    Client& writer() { return *sessions_.clients()[count_]; }
    Login login(bool resume) const {
        return {.auth = sessions_.options().auth, .manage = true, .resume = resume, .settle = true};
    }
    std::uint64_t in_flight() const;

    Sessions sessions_;
    std::size_t count_;
    std::vector<Direction> directions_;  ///< from the writer to each
    Tally tally_;
    std::uint64_t not_resumed_ = 0;
    std::uint64_t lost_ = 0;
    bool written_ = false;
};

void Reconnect::begin() {
    start_anew();
    const unsigned window = std::max(1U, sessions_.options().away);
    for (std::size_t i = 0; i < count_; ++i)
        directions_.emplace_back(writer(), *sessions_.clients()[i], "While you were away", window);
    const Login plain{.auth = sessions_.options().auth};
    writer().log_in(plain);
    const auto there = [this] {
        writer().check();
        return writer().is_ready();
    };
    if (!sessions_.loop().turn_until(there, clock_now() + seconds{30}))
        throw std::runtime_error{writer().user() + " cannot log in"};
    sessions_.set_handler(this);
}

void Reconnect::start_anew() {
    sessions_.log_in(login(false), count_);
    for (std::size_t i = 0; i < directions_.size(); ++i) directions_[i].address(*sessions_.clients()[i]);
}

void Reconnect::cut() {
    for (std::size_t i = 0; i < count_; ++i) sessions_.clients()[i]->cut();
}

void Reconnect::write_to_the_absent() {
    for (unsigned i = 0; i < sessions_.options().away; ++i)
        for (Direction& direction : directions_) direction.send_next(clock_now());
    written_ = false;
    writer().send("<iq type='get' id='written' to='" + sessions_.options().domain +
                  "'><ping xmlns='urn:xmpp:ping'/></iq>");
    if (!sessions_.loop().turn_until([this] { return written_; }, clock_now() + seconds{60}))
        throw std::runtime_error{"messages to those who are away take too long"};
}

Logins Reconnect::come_back() {
    Logins logins = sessions_.log_in(login(true), count_);
    const std::span all{sessions_.clients().data(), count_};
    not_resumed_ += static_cast<std::uint64_t>(
        std::ranges::count_if(all, [](const std::unique_ptr<Client>& client) { return !client->was_resumed(); }));
    return logins;
}

bool Reconnect::check_what_came() {
    const auto done = [this] { return in_flight() == 0 || clock_now() - sessions_.loop().last_byte() > seconds{10}; };
    sessions_.loop().turn_until(done, clock_now() + seconds{60});
    lost_ += in_flight();
    sessions_.check();
    return not_resumed_ + lost_ + tally_.faults() == 0;
}

std::uint64_t Reconnect::in_flight() const {
    std::uint64_t sum = 0;
    for (const Direction& direction : directions_) sum += direction.in_flight();
    return sum;
}

void Reconnect::stanza(Client& client, std::string_view element) {
    if (&client == &writer() && attribute(element, "id") == "written") written_ = true;
    if (!is_named(element, "message")) return;
    MessageId id;
    const bool is_ours = parse_message_id(attribute(element, "id"), id) && id.of_this_run && id.sender == count_;
    if (attribute(element, "type") == "error") {
        ++tally_.bounced;
    } else if (!is_ours || client.index() == count_) {
        ++tally_.strange;
    } else {
        directions_[client.index()].arrived(id.number, sessions_.loop().now(), tally_);
    }
}

void Reconnect::tell_faults(Report& report) const {
    report.add("replayed", static_cast<double>(tally_.delivered));
    report.add("not_resumed", static_cast<double>(not_resumed_));
    report.add("lost", static_cast<double>(lost_));
    report.add("duplicated", static_cast<double>(tally_.duplicated));
    report.add("reordered", static_cast<double>(tally_.reordered));
    report.add("bounced", static_cast<double>(tally_.bounced));
    report.add("strange", static_cast<double>(tally_.strange));
}

}  // namespace

/// Rounds: all are cut off, are written to, come back. Only the coming back is measured.
int run_resume(const Options& options, Report& report) {
    Reconnect scene{options};
    scene.begin();
    Cost cost;
    bool good = true;
    for (bool first = true; good && (first || cost.seconds() < options.seconds);) {
        scene.cut();
        scene.write_to_the_absent();
        scene.sessions().wait(milliseconds{300});  // what the server does about all that is not the return's cost
        const Logins logins = scene.come_back();
        good = scene.check_what_came();
        if (!first || !good) cost.add(logins, options.sessions);
        first = false;
    }
    scene.sessions().log_out();
    cost.tell(report, options);
    scene.tell_faults(report);
    return good ? 0 : 1;
}

/// Rounds: all log in, up to a bound resource, and leave. The first one is not measured.
int run_login(const Options& options, Report& report) {
    Sessions sessions{options};
    const Login how{.auth = options.auth, .settle = false};
    Cost cost;
    for (bool first = true; first || cost.seconds() < options.seconds; first = false) {
        const Logins logins = sessions.log_in(how, options.sessions);
        if (cost.count() > 0 || !first) cost.add(logins, options.sessions);
        sessions.log_out();
        sessions.wait(milliseconds{100});
    }
    cost.tell(report, options);
    return 0;
}

/// Cuts and resumes again and again, now and then starts anew: after logging out, or without a word. The server's
/// memory before and after tells whether it forgets what is over.
int run_cycle(const Options& options, Report& report) {
    const Memory before = memory_of(options.pid);
    Reconnect scene{options};
    scene.begin();
    const Memory connected = memory_of(options.pid);
    const Nanoseconds start = clock_now();
    unsigned cycles = 0;
    bool good = true;
    for (unsigned round = 1; good && cycles < options.count; ++round, cycles += options.sessions) {
        if (round % 10 == 0) scene.sessions().log_out(options.sessions);
        if (round % 10 == 5) scene.cut();
        if (round % 5 == 0) {
            scene.start_anew();
            continue;
        }
        scene.cut();
        scene.write_to_the_absent();
        scene.come_back();
        good = scene.check_what_came();
    }
    report.add("cycles", cycles);
    report.add("seconds", std::chrono::duration<double>(clock_now() - start).count());
    scene.tell_faults(report);
    const Memory cycled = memory_of(options.pid);
    scene.sessions().log_out();
    scene.sessions().wait(seconds{2});
    report.add("rss_kib_before", static_cast<double>(before.rss));
    report.add("rss_kib_connected", static_cast<double>(connected.rss));
    report.add("rss_kib_after_cycles", static_cast<double>(cycled.rss));
    report.add("rss_kib_after_logout", static_cast<double>(memory_of(options.pid).rss));
    return good ? 0 : 1;
}

}  // namespace load
