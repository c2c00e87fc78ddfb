#include <charconv>
#include <iostream>

#include "cli/actions.h"
#include "cli/commands.h"
#include "cli/report_text.h"

namespace aldis::cli {
namespace {

std::int64_t number_in(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number <= 0)
        throw UsageError{"\"" + text + "\" is no number of a report; `aldis report list` shows them"};
    return number;
}

int complain(const Outcome& outcome) {
    std::cerr << "aldis: " << outcome.text << "\n";
    return failed;
}

}  // namespace

int report_list(const Invocation& invocation, const Program& program) {
    const std::optional<config::Loaded> loaded = load_or_complain(invocation, program);
    if (!loaded) return refused;
    const bool json = invocation.has("--json");
    Actions actions{loaded->config};
    std::int64_t reached = 0;
    const char* before = json ? "[" : "";
    for (bool complete = false; !complete;) {
        const std::expected<ReportPage, Outcome> page = actions->list_reports(invocation.has("--all"), reached);
        if (!page) return complain(page.error());
        for (const db::Report& report : page->reports) {
            std::cout << before << (json ? json_of(report) : line_of(report) + "\n");
            before = json ? ",\n " : "";
            reached = report.id;
        }
        complete = page->complete;
    }
    if (json) std::cout << (reached == 0 ? "[]\n" : "]\n");
    return 0;
}

int report_show(const Invocation& invocation, const Program& program) {
    const std::int64_t number = number_in(invocation.positional().front());
    const std::optional<config::Loaded> loaded = load_or_complain(invocation, program);
    if (!loaded) return refused;
    Actions actions{loaded->config};
    const std::expected<db::Report, Outcome> report = actions->report(number);
    if (!report) return complain(report.error());
    std::cout << (invocation.has("--json") ? json_of(*report) + "\n" : text_of(*report));
    return 0;
}

int report_resolve(const Invocation& invocation, const Program& program) {
    std::vector<std::int64_t> numbers;
    for (const std::string& text : invocation.positional()) numbers.push_back(number_in(text));
    const std::optional<config::Loaded> loaded = load_or_complain(invocation, program);
    if (!loaded) return refused;
    Actions actions{loaded->config};
    for (const std::int64_t number : numbers) {
        const Outcome outcome = actions->resolve_report(number);
        if (!outcome.good()) return complain(outcome);
        std::cout << (invocation.has("--json") ? "{\"number\": " + std::to_string(number) + "}" : outcome.text) << "\n";
    }
    return 0;
}

}  // namespace aldis::cli
