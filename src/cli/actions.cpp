#include "cli/actions.h"

#include <array>
#include <ctime>

#include "cli/privileges.h"

namespace aldis::cli {

Actions::Actions(const config::Config& config) : client_{connect_admin(config.server.admin_socket)} {
    if (client_) return;
    become_owner_of(config.server.data_dir);
    std::filesystem::create_directories(config.storage.path.parent_path());
    stores_ = std::make_unique<db::Stores>(db::Options{.path = config.storage.path, .readers = 1, .on_error = {}});
    direct_ = std::make_unique<StoreActions>(*stores_, config, clock_, random_);
}

std::string time_text(Timestamp at) {
    const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
    tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace aldis::cli
