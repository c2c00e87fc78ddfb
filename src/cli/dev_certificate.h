#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace aldis::cli {

/// Writes a self-signed certificate (ECDSA P-256, a year) for `domain`, its sub-domains and, for localhost, the
/// loopback addresses. The key's file has mode 0600. Folders that are missing are made.
/// @throws std::runtime_error
void make_dev_certificate(std::string_view domain, const std::filesystem::path& certificate,
                          const std::filesystem::path& key);

/// SHA-256 of a PEM file's first certificate, as clients show it: "AB:CD:..."; empty if there is none.
[[nodiscard]] std::string fingerprint(const std::filesystem::path& certificate);

}  // namespace aldis::cli
