#include "cli/privileges.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

namespace aldis::cli {
namespace {

[[noreturn]] void fail(const std::filesystem::path& folder) {
    throw std::system_error{errno, std::generic_category(), folder.string()};
}

}  // namespace

void make_private_folder(const std::filesystem::path& folder) {
    if (!std::filesystem::create_directories(folder)) return;
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
}

void become_owner_of(const std::filesystem::path& folder) {
    struct stat status{};
    if (::stat(folder.c_str(), &status) != 0) return make_private_folder(folder);
    if (::geteuid() != 0 || status.st_uid == 0) return;
    if (::setgroups(1, &status.st_gid) != 0 || ::setgid(status.st_gid) != 0 || ::setuid(status.st_uid) != 0)
        fail(folder);
}

}  // namespace aldis::cli
