#pragma once
#include <memory>
#include <vector>

#include "client.h"
#include "histogram.h"
#include "process.h"
#include "report.h"

namespace load {

/// What it cost to let clients log in.
struct Logins {
    double seconds = 0;
    double cpu_seconds = 0;      ///< of the server
    double own_cpu_seconds = 0;  ///< of this process
    Histogram took;              ///< each of them
};

/// The clients of a run, and what every scenario does with them.
class Sessions {
public:
    /// Clients for users 1 to `options.sessions`, and some more; none connects yet.
    explicit Sessions(const Options& options, unsigned more = 0);

    Loop& loop() { return loop_; }
    const Options& options() const { return options_; }
    std::vector<std::unique_ptr<Client>>& clients() { return clients_; }

    /// Logs the first `count` in, a bounded number at a time.
    /// @throws std::runtime_error  one could not, or all together took too long
    Logins log_in(const Login& how, std::size_t count);
    /// Logs all in, and adds to the report how long that took and how much CPU.
    void log_in(Report& report);
    void log_out(std::size_t count);
    void log_out() { log_out(clients_.size()); }

    /// Waits until nothing has come in for `quiet`, but not for ever.
    void wait_until_quiet(std::chrono::milliseconds quiet);

    /// Lets the server work for so long.
    void wait(Nanoseconds time);

    void set_handler(StanzaHandler* handler);

    /// @throws std::runtime_error  a client has lost its connection or its stream
    void check() const;

private:
    const Options& options_;
    Loop loop_;
    TlsContext tls_;
    std::vector<std::unique_ptr<Client>> clients_;
};

/// Adds the memory per session, from the server's memory before the first login and with all sessions idle.
void report_memory(Report& report, const Memory& before, const Memory& idle, unsigned sessions);

}  // namespace load
