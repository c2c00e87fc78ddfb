#include "roster.h"
#include "scenarios.h"
#include "sessions.h"

namespace load {

/// The server's memory with all sessions logged in and nothing going on, against its memory before.
int run_idle(const Options& options, Report& report) {
    if (options.roster > 0) {
        Report unused;
        if (run_roster(options, unused) != 0) return 1;
    }
    Sessions sessions{options};
    sessions.wait_until_quiet(std::chrono::milliseconds{1000});
    const Memory before = memory_of(options.pid);
    sessions.log_in(report);
    sessions.wait_until_quiet(std::chrono::milliseconds{2000});
    sessions.check();
    report.add("sessions", options.sessions);
    report_memory(report, before, memory_of(options.pid), options.sessions);
    sessions.log_out();
    return 0;
}

}  // namespace load
