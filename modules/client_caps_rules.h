#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stanza/stanza.h"

/// What a client's presence says of its capabilities, and what its disco#info proves: XEP-0115 and XEP-0390.
namespace aldis::modules::client_caps {

/// The disco#info of a client, named by its hash.
struct Advertised {
    std::string node;         ///< under which the client knows it
    std::string algo;         ///< of the hash
    std::string hash;         ///< base64
    bool second = false;      ///< XEP-0390, else XEP-0115
    bool verifiable = false;  ///< the hash is one that proves something

    /// The same for what is the same: the hash alone where that proves what it is of, whatever software says so.
    [[nodiscard]] std::string key() const;
};

/// @return  nothing: the presence says nothing of capabilities, or only in the legacy format of XEP-0115, in which it
///          would prove nothing
[[nodiscard]] std::optional<Advertised> advertised(const Presence& presence);

/// What a client has answered.
struct Learned {
    std::vector<std::string> notified;  ///< names of nodes, sorted: what it announces with "+notify"
    /// The hash is that of the answer, so that every answer with this hash has the same `notified`: for others, too.
    bool verified = false;
};

/// @param answer  the result of disco#info; without payload or with another one, nothing is learned
[[nodiscard]] Learned learn(const Advertised& advertised, const Iq& answer);

/// Nodes that are wanted beyond these are not looked at.
inline constexpr std::size_t most_nodes = 256;
inline constexpr std::size_t longest_node = 512;

}  // namespace aldis::modules::client_caps
