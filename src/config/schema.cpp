#include "config/schema.h"

namespace aldis::config {

std::string Problem::text() const {
    std::string line;
    if (!origin.where.empty()) line += origin.where;
    if (origin.line > 0) line += ":" + std::to_string(origin.line);
    if (!line.empty()) line += ": ";
    if (!key.empty()) line += key + ": ";
    line += what;
    if (!hint.empty()) line += "; " + hint;
    return line;
}

namespace {

/// In the order of the file, the environment's last.
std::pair<bool, int> rank(const Problem& problem) {
    return {problem.origin.from == Origin::From::environment, problem.origin.line};
}

}  // namespace

void Problems::add(Problem problem) {
    fatal_ = fatal_ || problem.severity == Problem::Severity::error;
    all_.insert(std::ranges::upper_bound(all_, rank(problem), {}, rank), std::move(problem));
}

void Problems::error(const Origin& origin, std::string key, std::string what, std::string hint) {
    add({Problem::Severity::error, origin, std::move(key), std::move(what), std::move(hint)});
}

void Problems::warn(const Origin& origin, std::string key, std::string what, std::string hint) {
    add({Problem::Severity::warning, origin, std::move(key), std::move(what), std::move(hint)});
}

}  // namespace aldis::config
