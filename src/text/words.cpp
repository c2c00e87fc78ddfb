#include "text/words.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace aldis::text {
namespace {

/// To be counted up with any change of what words_of() returns.
constexpr const char* code_version = "1";

constexpr std::array scripts_without_spaces{USCRIPT_HAN,     USCRIPT_HIRAGANA, USCRIPT_KATAKANA, USCRIPT_HANGUL,
                                            USCRIPT_THAI,    USCRIPT_LAO,      USCRIPT_KHMER,    USCRIPT_MYANMAR,
                                            USCRIPT_TIBETAN, USCRIPT_BOPOMOFO, USCRIPT_YI,       USCRIPT_JAVANESE};

/// Where people leave out accents, points and the like when they search; elsewhere marks are letters.
constexpr std::array scripts_with_accents{USCRIPT_LATIN, USCRIPT_GREEK, USCRIPT_CYRILLIC, USCRIPT_ARABIC,
                                          USCRIPT_HEBREW};

template <std::size_t size>
bool is_of(UChar32 c, const std::array<UScriptCode, size>& scripts) {
    return std::ranges::any_of(scripts, [c](UScriptCode script) { return uscript_hasScript(c, script) != 0; });
}

enum class Kind : std::uint8_t { between, letter, mark, character };

Kind kind_of(UChar32 c) {
    const std::uint32_t category = U_GET_GC_MASK(c);
    if ((category & (U_GC_L_MASK | U_GC_N_MASK)) != 0)
        return is_of(c, scripts_without_spaces) ? Kind::character : Kind::letter;
    if ((category & U_GC_M_MASK) != 0) {
        // Marks that go with any script are nobody's letter.
        UErrorCode status = U_ZERO_ERROR;
        const UScriptCode script = uscript_getScript(c, &status);
        return script != USCRIPT_INHERITED && is_of(c, scripts_without_spaces) ? Kind::character : Kind::mark;
    }
    const bool emoji = u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) != 0 ||
                       u_hasBinaryProperty(c, UCHAR_REGIONAL_INDICATOR) != 0;
    return emoji ? Kind::character : Kind::between;
}

void append(std::string& to, UChar32 c) {
    std::array<char, U8_MAX_LENGTH> bytes{};
    std::size_t size = 0;
    U8_APPEND_UNSAFE(bytes.data(), size, c);
    to.append(bytes.data(), size);
}

UChar32 decode(std::string_view utf8, std::int32_t& at) {
    UChar32 c = 0;
    U8_NEXT(utf8.data(), at, static_cast<std::int32_t>(utf8.size()), c);
    return c;
}

/// Puts words together, of characters that are in their normal form.
class Words {
public:
    explicit Words(std::size_t most) : most_{most} {}

    void take_ascii(char c) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            if (word_.size() < longest_word) word_.push_back(c);
            drops_marks_ = true;
        } else {
            end_word();
        }
    }
    void take(UChar32 c) {
        if (c >= 0 && c < 0x80) return take_ascii(static_cast<char>(c));
        switch (c < 0 ? Kind::between : kind_of(c)) {
            case Kind::letter: return take_letter(c);
            case Kind::mark:
                if (!drops_marks_ && !word_.empty()) add(c);
                return;
            case Kind::character:
                end_word();
                add(c);
                end_word();
                return;
            case Kind::between: return end_word();
        }
    }
    [[nodiscard]] bool is_full() const { return words_.size() >= most_; }
    std::vector<std::string> finish() {
        end_word();
        return std::move(words_);
    }

private:
    void take_letter(UChar32 c) {
        drops_marks_ = is_of(c, scripts_with_accents);
        if (const std::int32_t digit = u_charDigitValue(c); digit >= 0) c = '0' + digit;
        add(drops_marks_ ? without_accents(c) : c);
    }
    static UChar32 without_accents(UChar32 c) {
        UErrorCode status = U_ZERO_ERROR;
        static const icu::Normalizer2* const decomposing = icu::Normalizer2::getNFDInstance(status);
        icu::UnicodeString parts;
        if (decomposing == nullptr || decomposing->getDecomposition(c, parts) == 0) return c;
        const UChar32 base = parts.char32At(0);
        return kind_of(base) == Kind::letter ? base : c;
    }
    void add(UChar32 c) {
        if (word_.size() + static_cast<std::size_t>(U8_LENGTH(c)) <= longest_word) append(word_, c);
    }
    void end_word() {
        if (!word_.empty() && !is_full()) words_.push_back(word_);
        word_.clear();
        drops_marks_ = false;
    }

    std::size_t most_;
    std::vector<std::string> words_;
    std::string word_;
    bool drops_marks_ = false;
};

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// UAX 15 section 13, "Stream-Safe Text Format": no language needs more than 30 marks on one letter, and to put n of
/// them into order costs the square of n.
std::string stream_safe(std::string_view utf8) {
    constexpr int most_marks = 30;
    std::string safe;
    safe.reserve(utf8.size());
    int marks = 0;
    for (std::int32_t at = 0; at < static_cast<std::int32_t>(utf8.size());) {
        const auto from = static_cast<std::size_t>(at);
        const UChar32 c = decode(utf8, at);
        marks = c < 0 || u_getCombiningClass(c) == 0 ? 0 : marks + 1;
        if (marks <= most_marks) safe.append(utf8.substr(from, static_cast<std::size_t>(at) - from));
    }
    return safe;
}

/// NFKC with case folding; without what is not seen, as joiners and variation selectors.
std::string normal_form(std::string_view utf8) {
    UErrorCode status = U_ZERO_ERROR;
    static const icu::Normalizer2* const folding = icu::Normalizer2::getNFKCCasefoldInstance(status);
    if (folding == nullptr) return std::string{utf8};
    const std::string safe = stream_safe(utf8);
    std::string normal;
    icu::StringByteSink<std::string> sink{&normal, static_cast<std::int32_t>(safe.size())};
    folding->normalizeUTF8(0, safe, sink, nullptr, status);
    return U_SUCCESS(status) != 0 ? normal : std::string{};
}

}  // namespace

std::vector<std::string> words_of(std::string_view utf8, std::size_t most) {
    Words words{most};
    if (is_ascii(utf8)) {
        for (auto at = utf8.begin(); at != utf8.end() && !words.is_full(); ++at) words.take_ascii(*at);
        return words.finish();
    }
    const std::string normal = normal_form(utf8);
    for (std::int32_t at = 0; at < static_cast<std::int32_t>(normal.size()) && !words.is_full();)
        words.take(decode(normal, at));
    return words.finish();
}

bool is_character(std::string_view word) {
    if (word.empty()) return false;
    std::int32_t at = 0;
    const UChar32 c = decode(word, at);
    return c >= 0x80 && kind_of(c) == Kind::character;
}

const std::string& words_version() {
    static const std::string version = [] {
        UVersionInfo unicode{};
        u_getUnicodeVersion(unicode);
        return std::string{code_version} + "/" + std::to_string(unicode[0]) + "." + std::to_string(unicode[1]);
    }();
    return version;
}

}  // namespace aldis::text
