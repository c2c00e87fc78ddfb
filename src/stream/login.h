#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "jid/jid.h"
#include "sasl/exchange.h"

// What a stream and the rest of the server tell each other while somebody logs in.
namespace aldis::stream {

/// What an exchange wants to know of an account.
struct LookUp {
    sasl::NeedCredentials::Kind kind = sasl::NeedCredentials::Kind::password;
    Jid account = {};                         ///< whose; empty: nobody's, which is answered in the same way
    std::string client = {};                  ///< tokens: the id of its user-agent; may be empty
    std::string domain = {};                  ///< holders: where
    std::string fingerprint = {};             ///< holders: SHA-256 of the certificate, 32 bytes
    std::vector<std::string> addresses = {};  ///< holders: the accounts that it names, if it is to be trusted
};

/// What came of it.
struct Found {
    sasl::Step step;
    std::optional<sasl::Credentials> stored = {};  ///< as they are on disk
    std::string token = {};                        ///< the secret, if one was shown and was right
};

/// Somebody has shown who he is: what is to be written of it before he is let in.
struct Arrival {
    struct Token {
        std::string secret;
        std::optional<std::uint32_t> count = {};
        bool invalidate = false;
    };
    Jid account;
    sasl::Mechanism mechanism = sasl::Mechanism::plain;
    std::string address = {};      ///< where he connects from
    std::string fingerprint = {};  ///< of a certificate that has to be enrolled still; empty: none has
    std::string client = {};       ///< XEP-0388: the id of the user agent; may be empty
    std::string software = {};     ///< and what else it said
    std::string device = {};
    std::optional<Token> shown = {};
    std::optional<sasl::Mechanism> token_for = {};  ///< he asks for a token: XEP-0484
    std::optional<sasl::Credentials> stored = {};   ///< what his password was compared with
    std::optional<sasl::Credentials> renewed = {};  ///< the same password, hashed once more: replaces `stored`
};

/// A token that was made for a client, and is on disk.
struct NewToken {
    std::string text;
    Timestamp expiry{};
};

struct Admission {
    std::optional<sasl::Refusal> refused = {};
    std::optional<NewToken> token = {};
};

}  // namespace aldis::stream
