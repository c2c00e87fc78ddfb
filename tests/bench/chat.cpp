#include <unistd.h>

#include <stdexcept>

#include "scenarios.h"
#include "sessions.h"
#include "traffic.h"

namespace load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Text whose first letter is rare in what surrounds it, so that looking for it costs little.
std::string make_body(unsigned size) {
    static constexpr std::string_view words = "Zwei Haushalte, beide gleich an Rang und Stand, im schoenen Verona. ";
    std::string body;
    while (body.size() < size) body += words.substr(0, size - body.size());
    return body;
}

/// Sessions in pairs. Each client keeps a window of messages in flight to its partner: one that arrives lets the next
/// go.
class Chat final : StanzaHandler {
public:
    explicit Chat(const Options& options) : sessions_{options}, body_{make_body(options.body)} {}
    int run(Report& report);

private:
    void stanza(Client& client, std::string_view element) override;
    void unusual(const Client& client, std::string_view element, const MessageId& id);
    void start();
    void measure(Report& report);
    std::uint64_t drain();
    void add_result(Report& report, double elapsed, double server_cpu, double own_cpu) const;
    void add_faults(Report& report, std::uint64_t lost) const;

    Sessions sessions_;
    std::string body_;
    std::vector<Direction> directions_;  ///< by the index of the sender; the partner's is index ^ 1
    Tally tally_;
    bool sending_ = false;
};

int Chat::run(Report& report) {
    const Options& options = sessions_.options();
    const Memory before = memory_of(options.pid);
    sessions_.log_in(report);
    sessions_.wait_until_quiet(milliseconds{1000});
    if (options.pid != 0) report_memory(report, before, memory_of(options.pid), options.sessions);
    start();
    measure(report);
    const std::uint64_t lost = drain();
    add_faults(report, lost);
    sessions_.log_out();
    return lost + tally_.faults() == 0 ? 0 : 1;
}

void Chat::start() {
    std::vector<std::unique_ptr<Client>>& clients = sessions_.clients();
    const unsigned window = sessions_.options().window;
    for (const std::unique_ptr<Client>& client : clients)
        directions_.emplace_back(*client, *clients[client->index() ^ 1], body_, window);
    sessions_.set_handler(this);
    sending_ = true;
    for (Direction& direction : directions_) {
        if (sessions_.options().one_way && direction.from().index() % 2 != 0) continue;
        for (unsigned i = 0; i < window; ++i) direction.send_next(clock_now());
    }
}

void Chat::stanza(Client& client, std::string_view element) {
    if (!element.starts_with("<message")) return;
    MessageId id;
    const bool is_ours = parse_message_id(attribute(element, "id"), id) && id.of_this_run;
    if (!is_ours || id.sender != (client.index() ^ 1)) return unusual(client, element, id);
    if (!element.contains(body_)) ++tally_.damaged;
    Direction& direction = directions_[id.sender];
    direction.arrived(id.number, sessions_.loop().now(), tally_);
    if (sending_ && direction.in_flight() < sessions_.options().window) direction.send_next(sessions_.loop().now());
}

/// Also what servers say by themselves (a greeting, say) comes here, but such messages do not arrive under load.
void Chat::unusual(const Client& client, std::string_view element, const MessageId& id) {
    if (attribute(element, "type") == "error" && id.sender == client.index()) {
        ++tally_.bounced;
    } else {
        ++tally_.strange;
    }
}

void Chat::measure(Report& report) {
    const Options& options = sessions_.options();
    const auto never = [] { return false; };
    const auto run_for = [&](double duration) {
        const auto time = std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(duration));
        sessions_.loop().turn_until(never, clock_now() + time);
        sessions_.check();
    };
    run_for(options.warmup);
    tally_.begin();
    const Nanoseconds start = clock_now();
    const double server_cpu = cpu_seconds(options.pid);
    const double own_cpu = cpu_seconds(::getpid());
    run_for(options.seconds);
    const double elapsed = std::chrono::duration<double>(clock_now() - start).count();
    add_result(report, elapsed, cpu_seconds(options.pid) - server_cpu, cpu_seconds(::getpid()) - own_cpu);
}

void Chat::add_result(Report& report, double elapsed, double server_cpu, double own_cpu) const {
    const auto delivered = static_cast<double>(tally_.delivered);
    const auto latency = [this](double share) {
        return static_cast<double>(tally_.latency.quantile(share).count()) / 1000;
    };
    report.add("seconds", elapsed);
    report.add("delivered", delivered);
    report.add("messages_per_second", delivered / elapsed);
    if (sessions_.options().pid != 0) {
        report.add("server_cpu_us_per_message", server_cpu * 1e6 / delivered);
        report.add("server_cpu_percent", server_cpu * 100 / elapsed);
    }
    report.add("tool_cpu_percent", own_cpu * 100 / elapsed);
    report.add("latency_us_p50", latency(0.5));
    report.add("latency_us_p99", latency(0.99));
    report.add("latency_us_p999", latency(0.999));
}

void Chat::add_faults(Report& report, std::uint64_t lost) const {
    report.add("lost", static_cast<double>(lost));
    report.add("duplicated", static_cast<double>(tally_.duplicated));
    report.add("reordered", static_cast<double>(tally_.reordered));
    report.add("damaged", static_cast<double>(tally_.damaged));
    report.add("bounced", static_cast<double>(tally_.bounced));
    report.add("strange", static_cast<double>(tally_.strange));
}

/// Waits for what is still in flight; long, because an archive on a slow disk may hold it back.
/// @return  how many messages have not come: they are lost
std::uint64_t Chat::drain() {
    sending_ = false;
    const auto in_flight = [this] {
        std::uint64_t sum = 0;
        for (const Direction& direction : directions_) sum += direction.in_flight();
        return sum;
    };
    const auto done = [&] { return in_flight() == 0 || clock_now() - sessions_.loop().last_byte() > seconds{30}; };
    sessions_.loop().turn_until(done, clock_now() + seconds{120});
    return in_flight();
}

}  // namespace

int run_chat(const Options& options, Report& report) {
    if (options.sessions % 2 != 0) throw std::invalid_argument{"chat needs an even number of --sessions"};
    return Chat{options}.run(report);
}

}  // namespace load
