#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aldis::db {

/// Bytes that are no text.
struct Blob {
    std::string_view bytes;
};

/// One value for a placeholder of a statement: NULL, an integer, a text or bytes. It refers, it does not own.
class Value {
public:
    enum class Kind : std::uint8_t { null, integer, text, blob };

    Value(std::nullptr_t) {}
    Value(std::integral auto number) : kind_{Kind::integer}, number_{static_cast<std::int64_t>(number)} {}
    Value(std::string_view text) : kind_{Kind::text}, bytes_{text} {}
    Value(const std::string& text) : kind_{Kind::text}, bytes_{text} {}
    Value(const char* text) : kind_{Kind::text}, bytes_{text} {}
    Value(Blob blob) : kind_{Kind::blob}, bytes_{blob.bytes} {}
    template <class T>
    Value(const std::optional<T>& value) : Value{value ? Value{*value} : Value{nullptr}} {}

    [[nodiscard]] Kind kind() const { return kind_; }
    [[nodiscard]] std::int64_t number() const { return number_; }
    [[nodiscard]] std::string_view bytes() const { return bytes_; }

private:
    Kind kind_ = Kind::null;
    std::int64_t number_ = 0;
    std::string_view bytes_;
};

}  // namespace aldis::db
