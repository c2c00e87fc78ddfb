#pragma once
#include <memory>
#include <vector>

#include "client.h"
#include "process.h"
#include "report.h"

namespace load {

/// The clients of a run, and what every scenario does with them.
class Sessions {
public:
    /// Clients for users 1 to `options.sessions`; none connects yet.
    explicit Sessions(const Options& options);

    Loop& loop() { return loop_; }
    const Options& options() const { return options_; }
    std::vector<std::unique_ptr<Client>>& clients() { return clients_; }

    /// Logs all in, a bounded number at a time, and adds to the report how long that took and how much CPU.
    /// @throws std::runtime_error  one could not, or all together took too long
    void log_in(Report& report);
    void log_out();

    /// Waits until nothing has come in for `quiet`, but not for ever.
    void wait_until_quiet(std::chrono::milliseconds quiet);

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
