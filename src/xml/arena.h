#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

namespace aldis::xml {

/// The memory of one stanza: what is allocated here is freed all at once and never destructed by itself.
/// The first block comes from a small store of its thread, so that a stanza in steady state allocates nothing.
class Arena {
public:
    struct Free {
        void operator()(Arena* arena) const noexcept;
    };
    using Ptr = std::unique_ptr<Arena, Free>;

    [[nodiscard]] static Ptr make();

    [[nodiscard]] void* allocate(std::size_t bytes);
    /// A copy of `text` that lives as long as the arena.
    [[nodiscard]] std::string_view copy(std::string_view text);
    /// `text` must be the last thing that was copied: continues it by `more`, in place where there is room.
    [[nodiscard]] std::string_view extend(std::string_view text, std::string_view more);

    template <class T, class... Args>
    [[nodiscard]] T* make_object(Args&&... args) {
        static_assert(std::is_trivially_destructible_v<T>);
        return new (allocate(sizeof(T))) T(std::forward<Args>(args)...);
    }

    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

private:
    static constexpr std::size_t first_block = 2048;

    struct Block {
        Block* next;
    };

    Arena() = default;
    ~Arena() = default;
    void* allocate_slowly(std::size_t bytes);

    char* free_ = nullptr;
    char* end_ = nullptr;
    Block* more_ = nullptr;
    std::size_t grow_ = 4096;

    friend struct Free;
};

inline void* Arena::allocate(std::size_t bytes) {
    char* const start = free_ + (-reinterpret_cast<std::uintptr_t>(free_) & (alignof(std::max_align_t) / 2 - 1));
    if (bytes > static_cast<std::size_t>(end_ - free_) || start + bytes > end_) return allocate_slowly(bytes);
    free_ = start + bytes;
    return start;
}

inline std::string_view Arena::copy(std::string_view text) {
    if (text.empty()) return {};
    char* place = free_;
    if (text.size() <= static_cast<std::size_t>(end_ - free_)) {
        free_ += text.size();  // characters need no alignment
    } else {
        place = static_cast<char*>(allocate_slowly(text.size()));
    }
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
}

}  // namespace aldis::xml
