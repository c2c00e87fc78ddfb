#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/metrics.h"
#include "base/version.h"

// The names are those that every client library of Prometheus uses.
namespace aldis::metrics {
namespace {

/// The numbers of /proc/self/statm, in pages: size, resident, ...
double resident_bytes() {
    std::ifstream file{"/proc/self/statm"};
    double size = 0;
    double resident = 0;
    file >> size >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double open_descriptors() {
    std::error_code failed;
    const std::filesystem::directory_iterator all{"/proc/self/fd", failed};
    return failed ? 0 : static_cast<double>(std::distance(begin(all), end(all)));
}

}  // namespace

void add_process_metrics(Registry& registry) {
    const double started = static_cast<double>(
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
    registry.read_gauge("aldis_build_info", "The release that runs.",
                        {{"version", std::string{version()}}, {"compiler", std::string{compiler()}}},
                        [] { return 1.0; });
    registry.read_gauge("process_resident_memory_bytes", "Resident memory.", {}, resident_bytes);
    registry.read_counter("process_cpu_seconds_total", "Processor time of all threads.", {}, cpu_seconds);
    registry.read_gauge("process_open_fds", "Open descriptors.", {}, open_descriptors);
    registry.read_gauge("process_start_time_seconds", "When this process started, since 1970.", {},
                        [started] { return started; });
}

}  // namespace aldis::metrics
