#pragma once

#include <optional>
#include <string>

namespace aldis::config {

// Rules for texts: nothing if the text is good (it may come back in its usual form), else what is wrong.

[[nodiscard]] std::optional<std::string> check_domain(std::string& value);
[[nodiscard]] std::optional<std::string> check_bare_jid(std::string& value);
[[nodiscard]] std::optional<std::string> check_ip_address(std::string& value);
/// RFC 3986: a scheme, a colon, and characters that are allowed.
[[nodiscard]] std::optional<std::string> check_uri(std::string& value);
/// unix(7): an address of a socket has room for 107 bytes.
[[nodiscard]] std::optional<std::string> check_socket_path(std::string& value);

}  // namespace aldis::config
