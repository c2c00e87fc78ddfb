#include "process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>

namespace load {
namespace {

struct Stat {
    pid_t parent = 0;
    std::uint64_t ticks = 0;
};

/// proc(5): the command in parentheses may hold spaces and parentheses, so fields are counted from the last ')'.
std::optional<Stat> stat_of(pid_t pid) {
    std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
    std::string line;
    if (!std::getline(file, line)) return std::nullopt;
    std::istringstream fields{line.substr(line.rfind(')') + 1)};
    Stat stat;
    std::string skipped;
    fields >> skipped >> stat.parent;
    for (int field = 5; field < 14; ++field) fields >> skipped;
    for (int field = 14; field <= 17; ++field) {  // utime, stime, cutime, cstime
        std::uint64_t ticks = 0;
        fields >> ticks;
        stat.ticks += ticks;
    }
    return stat;
}

std::multimap<pid_t, pid_t> children_by_parent() {
    std::multimap<pid_t, pid_t> children;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
        const std::string name = entry.path().filename();
        pid_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error != std::errc{} || end != name.data() + name.size()) continue;
        if (const std::optional<Stat> stat = stat_of(pid)) children.emplace(stat->parent, pid);
    }
    return children;
}

}  // namespace

std::vector<pid_t> family_of(pid_t pid) {
    const std::multimap<pid_t, pid_t> children = children_by_parent();
    std::vector<pid_t> family{pid};
    for (std::size_t i = 0; i < family.size(); ++i) {
        const auto [begin, end] = children.equal_range(family[i]);
        for (auto child = begin; child != end; ++child) family.push_back(child->second);
    }
    return family;
}

double cpu_seconds(pid_t pid) {
    if (pid == 0) return 0;
    std::uint64_t ticks = 0;
    for (const pid_t member : family_of(pid))
        if (const std::optional<Stat> stat = stat_of(member)) ticks += stat->ticks;
    return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

Memory memory_of(pid_t pid) {
    Memory memory;
    if (pid == 0) return memory;
    for (const pid_t member : family_of(pid)) {
        std::ifstream file{"/proc/" + std::to_string(member) + "/smaps_rollup"};
        std::string line;
        while (std::getline(file, line)) {
            std::istringstream words{line};
            std::string name;
            std::uint64_t kib = 0;
            words >> name >> kib;
            if (name == "Rss:") memory.rss += kib;
            if (name == "Pss:") memory.pss += kib;
        }
    }
    return memory;
}

void raise_descriptor_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace load
