#pragma once
#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace load {

/// The resident memory of a process and its descendants, in KiB, from /proc/PID/smaps_rollup.
struct Memory {
    std::uint64_t rss = 0;
    std::uint64_t pss = 0;
};

/// The process and all its descendants, as they are now.
std::vector<pid_t> family_of(pid_t pid);

/// utime + stime of the family: of all threads, and of children that were waited for. In seconds, to a hundredth.
double cpu_seconds(pid_t pid);

Memory memory_of(pid_t pid);

/// Lets this process hold as many sockets as the system permits.
void raise_descriptor_limit();

}  // namespace load
