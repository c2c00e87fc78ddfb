// xmpp_load: puts an XMPP server under load and measures it. It works against any server, knows none, and is one
// thread.
#include <cstring>
#include <exception>
#include <iostream>
#include <stdexcept>

#include "client.h"
#include "scenarios.h"

namespace load {
namespace {

constexpr Scenario scenarios[] = {
    {"chat", "pairs of sessions send each other messages: rate, server CPU per message, latency, memory, losses",
     run_chat},
    {"catchup", "a client fetches its archive page by page: messages/s, server CPU per message, latency of a page",
     run_catchup},
    {"cycle", "connections are cut and sessions resumed --count times: losses, and the server's memory", run_cycle},
    {"idle", "sessions log in and do nothing: the server's memory per session", run_idle},
    {"inbox", "a client asks for its conversations (XEP-0430), one with each other session: latency, server CPU",
     run_inbox},
    {"login", "sessions log in and out again: logins/s, server CPU per login, latency", run_login},
    {"news",
     "a client logs in and gets the last items that its contacts have published (XEP-0163): how long, server CPU",
     run_news},
    {"publish", "a client publishes to all others (XEP-0163): publishes/s, server CPU per notification, latency",
     run_publish},
    {"resume", "connections are cut and sessions resumed, with messages sent meanwhile: as login, and losses",
     run_resume},
    {"roster", "makes each user and --roster neighbours mutual contacts, then logs out", run_roster},
    {"search", "a client looks for words in its archive (XEP-0431), which another tool has filled: latency, server CPU",
     run_search},
    {"self-test", "checks the tool's own parts; needs no server", run_self_test},
};

void print_help() {
    std::cout << "xmpp_load SCENARIO [options]\n\nscenarios:\n";
    for (const Scenario& scenario : scenarios)
        std::cout << "  " << scenario.name << std::string(20 - std::strlen(scenario.name), ' ') << scenario.summary
                  << '\n';
    std::cout << '\n'
              << options_help
              << "\nexit status: 0, 1 (the server lost or damaged something), 2 (could not be measured),\n"
                 "3 (the server does not offer what is needed)\n";
}

int run(const Options& options) {
    for (const Scenario& scenario : scenarios) {
        if (options.scenario != scenario.name) continue;
        Report report;
        const int status = scenario.run(options, report);
        std::cout << (options.json ? report.json() : report.text());
        return status;
    }
    throw std::invalid_argument{"unknown scenario '" + options.scenario + "'; --help lists them"};
}

}  // namespace
}  // namespace load

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--help") != 0 && std::strcmp(argv[i], "-h") != 0) continue;
        load::print_help();
        return 0;
    }
    try {
        return load::run(load::parse_options(argc, argv));
    } catch (const load::NotOffered& error) {
        std::cerr << "xmpp_load: " << error.what() << '\n';
        return 3;
    } catch (const std::exception& error) {
        std::cerr << "xmpp_load: " << error.what() << '\n';
        return 2;
    }
}
