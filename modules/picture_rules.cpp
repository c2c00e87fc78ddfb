#include "modules/picture_rules.h"

#include "base/base64.h"
#include "xep/xep0300_hashes.h"
#include "xml/codec.h"

namespace aldis::modules::pictures {
namespace {

constexpr stanza::Error no_base64{Condition::not_acceptable, ErrorType::modify, "The picture is not in base64."};
constexpr stanza::Error no_picture{Condition::not_acceptable, ErrorType::modify,
                                   "This is no picture of a format that is shown to others."};
constexpr stanza::Error too_large{Condition::not_acceptable, ErrorType::modify, "The picture is too large."};

/// Reads numbers; what is beyond the end is 0, and is noticed.
class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_{bytes} {}

    [[nodiscard]] std::uint32_t byte(std::size_t at) {
        if (at < bytes_.size()) return static_cast<unsigned char>(bytes_[at]);
        beyond_ = true;
        return 0;
    }
    [[nodiscard]] std::uint32_t big(std::size_t at, std::size_t count) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < count; ++i) value = value << 8U | byte(at + i);
        return value;
    }
    [[nodiscard]] std::uint32_t little(std::size_t at, std::size_t count) {
        std::uint32_t value = 0;
        for (std::size_t i = count; i > 0; --i) value = value << 8U | byte(at + i - 1);
        return value;
    }
    /// What has been read, if all of it was there and a picture can be of that size.
    [[nodiscard]] std::optional<Header> header(Format format, std::uint32_t width, std::uint32_t height) const {
        if (beyond_ || width == 0 || height == 0) return std::nullopt;
        return Header{.format = format, .width = width, .height = height};
    }
    [[nodiscard]] bool beyond() const { return beyond_; }

private:
    std::string_view bytes_;
    bool beyond_ = false;
};

/// PNG (ISO/IEC 15948) section 11.2.2: the first chunk is IHDR.
std::optional<Header> read_png(std::string_view bytes) {
    if (bytes.size() < 16 || bytes.substr(12, 4) != "IHDR") return std::nullopt;
    Reader reader{bytes};
    const std::uint32_t width = reader.big(16, 4);
    const std::uint32_t height = reader.big(20, 4);
    return reader.header(Format::png, width, height);
}

std::optional<Header> read_gif(std::string_view bytes) {
    Reader reader{bytes};
    const std::uint32_t width = reader.little(6, 2);
    const std::uint32_t height = reader.little(8, 2);
    return reader.header(Format::gif, width, height);
}

/// ITU-T T.81 table B.1: a frame header, and not a table or a reserved code among them.
bool begins_frame(std::uint32_t marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

bool stands_alone(std::uint32_t marker) { return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7); }

/// ITU-T T.81 section B.1.1: marker segments one after the other, until one says how large the frame is.
std::optional<Header> read_jpeg(std::string_view bytes) {
    constexpr std::uint32_t end_of_image = 0xD9;
    constexpr std::uint32_t start_of_scan = 0xDA;
    Reader reader{bytes};
    std::size_t at = 2;
    while (!reader.beyond()) {
        if (reader.byte(at) != 0xFF) return std::nullopt;
        const std::uint32_t marker = reader.byte(++at);
        if (marker == 0xFF) continue;  // fill byte
        ++at;
        if (stands_alone(marker)) continue;
        if (marker == 0 || marker == end_of_image || marker == start_of_scan) return std::nullopt;
        const std::uint32_t length = reader.big(at, 2);
        if (length < 2) return std::nullopt;
        if (begins_frame(marker)) {
            const std::uint32_t height = reader.big(at + 3, 2);
            const std::uint32_t width = reader.big(at + 5, 2);
            return reader.header(Format::jpeg, width, height);
        }
        at += length;
    }
    return std::nullopt;
}

/// RFC 9649 sections 2.5 to 2.7: one of three kinds of chunk comes first.
std::optional<Header> read_webp(std::string_view bytes) {
    constexpr std::uint32_t bits14 = 0x3FFF;
    const std::string_view chunk = bytes.substr(12, 4);
    Reader reader{bytes};
    if (chunk == "VP8X") {
        const std::uint32_t width = reader.little(24, 3) + 1;
        const std::uint32_t height = reader.little(27, 3) + 1;
        return reader.header(Format::webp, width, height);
    }
    if (chunk == "VP8L" && reader.byte(20) == 0x2F) {
        const std::uint32_t sizes = reader.little(21, 4);
        return reader.header(Format::webp, (sizes & bits14) + 1, (sizes >> 14U & bits14) + 1);
    }
    if (chunk == "VP8 " && reader.big(23, 3) == 0x9D012A) {
        const std::uint32_t width = reader.little(26, 2) & bits14;
        const std::uint32_t height = reader.little(28, 2) & bits14;
        return reader.header(Format::webp, width, height);
    }
    return std::nullopt;
}

std::string without_space(std::string_view text) {
    std::string dense;
    dense.reserve(text.size());
    for (const char c : text)
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') dense += c;
    return dense;
}

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4U];
        text += digits[byte & 0xFU];
    }
    return text;
}

}  // namespace

std::string_view media_type(Format format) {
    switch (format) {
        case Format::png: return "image/png";
        case Format::jpeg: return "image/jpeg";
        case Format::gif: return "image/gif";
        case Format::webp: return "image/webp";
    }
    return {};
}

std::optional<Header> read_header(std::string_view bytes) {
    if (bytes.starts_with("\x89PNG\r\n\x1A\n")) return read_png(bytes);
    if (bytes.starts_with("\xFF\xD8\xFF")) return read_jpeg(bytes);
    if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return read_gif(bytes);
    if (bytes.starts_with("RIFF") && bytes.size() >= 16 && bytes.substr(8, 4) == "WEBP") return read_webp(bytes);
    return std::nullopt;
}

Result<Picture> read_picture(std::string_view base64, const Limits& limits) {
    const std::string dense = without_space(base64);
    if (dense.size() / 4 * 3 > limits.bytes + 2) return std::unexpected{too_large};
    std::optional<std::string> bytes = base64_decode(dense);
    if (!bytes) return std::unexpected{no_base64};
    if (bytes->size() > limits.bytes) return std::unexpected{too_large};
    const std::optional<Header> header = read_header(*bytes);
    if (!header) return std::unexpected{no_picture};
    if (header->width > limits.side || header->height > limits.side) return std::unexpected{too_large};
    const std::optional<std::string> hash = xep::hashes::digest("sha-1", *bytes);
    return Picture{.bytes = std::move(*bytes), .header = *header, .hash = hexadecimal(hash.value_or(""))};
}

std::optional<std::string> hash_text(std::string_view text) {
    std::string hash{xml::trim(text)};
    if (hash.size() != 40) return std::nullopt;
    for (char& c : hash) {
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
        if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return std::nullopt;
    }
    return hash;
}

}  // namespace aldis::modules::pictures
