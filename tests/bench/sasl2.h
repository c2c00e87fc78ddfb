#pragma once
#include <string>
#include <string_view>

namespace load {

/// What one <authenticate/> asks for: XEP-0388 with the inline features that clients of today use.
struct Sasl2Request {
    std::string mechanism{};
    std::string initial_response{};  ///< bytes
    unsigned client = 0;             ///< the same number is the same installation of a client
    bool with_token = false;         ///< XEP-0484: the mechanism is given a token, not the password
    bool wants_token = false;        ///< XEP-0484: for the next time
    bool manage = false;             ///< XEP-0198 for the session that XEP-0386 binds
    std::string resume{};            ///< XEP-0198's <resume/>; empty: none. The bind is for when that fails.
};
std::string to_xml(const Sasl2Request& request);

/// What <success/> brings; the views point into it, and are empty where there is nothing.
struct Sasl2Success {
    std::string additional_data;  ///< bytes
    std::string_view jid;         ///< the full one if a resource was bound
    std::string_view token;       ///< XEP-0484
    std::string_view enabled;     ///< the tags of XEP-0198
    std::string_view resumed;
    std::string_view failed;
};
Sasl2Success parse_success(std::string_view element);

/// The one FAST mechanism that this tool speaks.
constexpr std::string_view fast_mechanism = "HT-SHA-256-NONE";

/// The client's message of HT-SHA-256-NONE (draft-schmaus-kitten-sasl-ht section 3.1): bytes.
std::string fast_response(const std::string& user, std::string_view token);
/// Whether the server, too, knows the token (section 3.2).
bool fast_accepts(std::string_view token, std::string_view additional_data);

}  // namespace load
