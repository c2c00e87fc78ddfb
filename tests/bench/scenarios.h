#pragma once
#include "options.h"
#include "report.h"

namespace load {

/// One thing that the tool can do. Its function returns the process's exit status: 0, or 1 if the server did wrong.
struct Scenario {
    const char* name;
    const char* summary;
    int (*run)(const Options& options, Report& report);
};

int run_chat(const Options& options, Report& report);
int run_catchup(const Options& options, Report& report);
int run_cycle(const Options& options, Report& report);
int run_idle(const Options& options, Report& report);
int run_login(const Options& options, Report& report);
int run_inbox(const Options& options, Report& report);
int run_news(const Options& options, Report& report);
int run_publish(const Options& options, Report& report);
int run_resume(const Options& options, Report& report);
int run_roster(const Options& options, Report& report);
int run_search(const Options& options, Report& report);
int run_self_test(const Options& options, Report& report);

}  // namespace load
