#pragma once

#include <filesystem>

namespace aldis::cli {

/// Makes the folder, for its owner only, if it is missing.
/// @throws std::filesystem::filesystem_error
void make_private_folder(const std::filesystem::path& folder);

/// Makes the folder, for its owner only, if it is missing. If we are root and it is another user's, becomes that user:
/// a file that root made there would be one that the server cannot open.
/// @throws std::system_error
void become_owner_of(const std::filesystem::path& folder);

}  // namespace aldis::cli
