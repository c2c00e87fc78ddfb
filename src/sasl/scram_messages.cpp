#include "sasl/scram_messages.h"

#include <algorithm>
#include <optional>

#include "sasl/text.h"

namespace aldis::sasl {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// RFC 5802 section 7, printable: visible ASCII without the comma.
bool is_printable(char c) { return c > ' ' && c < '\x7f' && c != ','; }

struct Attribute {
    char name;
    std::string_view value;
};

/// Takes a message apart at its commas: attr-val of RFC 5802 section 7.
class Attributes {
public:
    explicit Attributes(std::string_view text) : rest_{text} {}

    [[nodiscard]] bool at_end() const { return ended_; }
    /// The attribute that comes next, without taking it; nothing at the end or where it is malformed.
    [[nodiscard]] std::optional<Attribute> peek() const {
        const std::string_view text = rest_.substr(0, rest_.find(','));
        if (ended_ || text.size() < 3 || !is_letter(text[0]) || text[1] != '=') return std::nullopt;
        return Attribute{text[0], text.substr(2)};
    }
    [[nodiscard]] std::optional<Attribute> next() {
        const std::optional<Attribute> attribute = peek();
        const std::size_t comma = rest_.find(',');
        ended_ = comma == std::string_view::npos;
        rest_.remove_prefix(ended_ ? rest_.size() : comma + 1);
        return attribute;
    }
    /// The value of the next attribute if it has this name.
    [[nodiscard]] std::optional<std::string_view> next(char name) {
        const std::optional<Attribute> attribute = next();
        return attribute && attribute->name == name ? std::optional{attribute->value} : std::nullopt;
    }

private:
    std::string_view rest_;
    bool ended_ = false;
};

/// RFC 5802 section 5.1: what these letters mean is defined, and that they are not extensions; 'm' must be refused.
bool is_extension(const Attribute& attribute) {
    return std::string_view{"anmrcsipve"}.find(attribute.name) == std::string_view::npos;
}

/// Unknown optional attributes are ignored, but they have to be attributes.
bool skip_extensions(Attributes& attributes) {
    while (!attributes.at_end()) {
        const std::optional<Attribute> attribute = attributes.next();
        if (!attribute || !is_extension(*attribute)) return false;
    }
    return true;
}

/// saslname: '=' stands only in "=2C" (a comma) and "=3D" (itself). Nothing where it is malformed or empty.
std::optional<std::string> decode_name(std::string_view text, std::size_t largest) {
    std::string decoded;
    while (!text.empty()) {
        const std::string_view escape = text.substr(0, 3);
        const bool escaped = text.front() == '=';
        if (escaped && escape != "=2C" && escape != "=3D") return std::nullopt;
        decoded += !escaped ? text.front() : escape == "=2C" ? ',' : '=';
        text.remove_prefix(escaped ? 3 : 1);
    }
    if (decoded.empty() || decoded.size() > largest) return std::nullopt;
    return decoded;
}

bool is_nonce(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_printable); }

/// cb-name = 1*(ALPHA / DIGIT / "." / "-")
bool is_binding_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 &&
           std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-'; });
}

/// RFC 5802 section 7: value-char and friends are UTF-8 without NUL.
std::optional<Refusal> refuse_bytes(std::string_view message) {
    if (message.size() > largest_message) return Refusal{Failure::malformed_request, "message too long"};
    if (message.find('\0') != std::string_view::npos) return Refusal{Failure::malformed_request, "NUL in message"};
    if (!is_utf8(message)) return Refusal{Failure::malformed_request, "message is not UTF-8"};
    return std::nullopt;
}

Read<void> read_flag(std::string_view text, ClientFirst& first) {
    if (text == "n" || text == "y") {
        first.flag = static_cast<BindingFlag>(text[0]);
        return {};
    }
    if (!text.starts_with("p=") || !is_binding_name(text.substr(2))) return malformed("bad channel-binding flag");
    first.flag = BindingFlag::used;
    first.binding = text.substr(2);
    return {};
}

/// gs2-header = gs2-cbind-flag "," [ authzid ] ","
Read<void> read_gs2_header(std::string_view message, ClientFirst& first) {
    const std::size_t flag_end = message.find(',');
    const std::size_t end = flag_end == std::string_view::npos ? flag_end : message.find(',', flag_end + 1);
    if (end == std::string_view::npos) return malformed("no GS2 header");
    first.gs2_header = message.substr(0, end + 1);
    first.bare = message.substr(end + 1);

    const std::string_view authzid = message.substr(flag_end + 1, end - flag_end - 1);
    if (!authzid.empty()) {
        std::optional<std::string> name =
            authzid.starts_with("a=") ? decode_name(authzid.substr(2), largest_authzid) : std::nullopt;
        if (!name) return malformed("bad authorization identity");
        first.authzid = *std::move(name);
    }
    return read_flag(message.substr(0, flag_end), first);
}

/// client-first-message-bare = [reserved-mext ","] username "," nonce ["," extensions]
Read<void> read_bare(ClientFirst& first) {
    Attributes attributes{first.bare};
    if (const auto reserved = attributes.peek(); reserved && reserved->name == 'm')
        return malformed("mandatory extension");
    const std::optional<std::string_view> username = attributes.next('n');
    std::optional<std::string> decoded = username ? decode_name(*username, largest_username) : std::nullopt;
    if (!decoded) return malformed("bad user name");
    const std::optional<std::string_view> nonce = attributes.next('r');
    if (!nonce || !is_nonce(*nonce) || nonce->size() > largest_nonce) return malformed("bad nonce");
    if (!skip_extensions(attributes)) return malformed("bad extension");
    first.username = *std::move(decoded);
    first.nonce = *nonce;
    return {};
}

/// Cuts the proof off the end, where section 7 wants it.
std::optional<std::string_view> cut_proof(std::string_view& message) {
    const std::size_t comma = message.rfind(',');
    if (comma == std::string_view::npos) return std::nullopt;
    const std::string_view last = message.substr(comma + 1);
    if (!last.starts_with("p=")) return std::nullopt;
    message.remove_suffix(last.size() + 1);
    return last.substr(2);
}

}  // namespace

Read<ClientFirst> parse_client_first(std::string_view message) {
    if (const std::optional<Refusal> refusal = refuse_bytes(message)) return std::unexpected{*refusal};
    ClientFirst first;
    if (const Read<void> header = read_gs2_header(message, first); !header) return std::unexpected{header.error()};
    if (const Read<void> bare = read_bare(first); !bare) return std::unexpected{bare.error()};
    return first;
}

Read<ClientFinal> parse_client_final(std::string_view message) {
    if (const std::optional<Refusal> refusal = refuse_bytes(message)) return std::unexpected{*refusal};
    const std::optional<std::string_view> proof_text = cut_proof(message);
    if (!proof_text) return malformed("no proof at the end");
    std::optional<std::string> proof = decode_base64(*proof_text);
    if (!proof) return malformed("proof is not base64");

    Attributes attributes{message};
    const std::optional<std::string_view> binding_text = attributes.next('c');
    std::optional<std::string> binding = binding_text ? decode_base64(*binding_text) : std::nullopt;
    if (!binding) return malformed("bad channel-binding attribute");
    const std::optional<std::string_view> nonce = attributes.next('r');
    if (!nonce || !is_nonce(*nonce)) return malformed("bad nonce");
    if (!skip_extensions(attributes)) return malformed("bad extension");
    return ClientFinal{.channel_binding = *std::move(binding),
                       .nonce = std::string{*nonce},
                       .proof = *std::move(proof),
                       .without_proof = std::string{message}};
}

}  // namespace aldis::sasl
