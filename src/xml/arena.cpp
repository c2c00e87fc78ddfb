#include "xml/arena.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>

namespace aldis::xml {
namespace {

/// First blocks of finished stanzas, kept for the next ones. Stanzas that move between shards even out over time.
struct Store {
    static constexpr std::size_t most = 64;
    std::array<void*, most> blocks;
    std::size_t count = 0;
    ~Store() {
        while (count > 0) std::free(blocks[--count]);
        closed = true;
    }
    bool closed = false;
};

thread_local Store store;

void* allocate_block(std::size_t bytes) {
    void* const block = std::malloc(bytes);
    if (block == nullptr) throw std::bad_alloc{};
    return block;
}

}  // namespace

Arena::Ptr Arena::make() {
    void* const block = store.count > 0 ? store.blocks[--store.count] : allocate_block(first_block);
    auto* const arena = new (block) Arena;
    arena->free_ = static_cast<char*>(block) + sizeof(Arena);
    arena->end_ = static_cast<char*>(block) + first_block;
    return Ptr{arena};
}

void Arena::Free::operator()(Arena* arena) const noexcept {
    for (Block* block = arena->more_; block != nullptr;) {
        Block* const next = block->next;
        std::free(block);
        block = next;
    }
    if (store.count < Store::most && !store.closed) {
        store.blocks[store.count++] = arena;
    } else {
        std::free(arena);
    }
}

void* Arena::allocate_slowly(std::size_t bytes) {
    const std::size_t needed = sizeof(Block) + alignof(std::max_align_t) + bytes;
    const std::size_t size = std::max(grow_, needed);
    grow_ = std::min<std::size_t>(grow_ * 2, 65536);
    auto* const block = static_cast<Block*>(allocate_block(size));
    block->next = more_;
    more_ = block;
    char* const start = reinterpret_cast<char*>(block) + alignof(std::max_align_t);
    free_ = start + bytes;
    end_ = reinterpret_cast<char*>(block) + size;
    return start;
}

std::string_view Arena::extend(std::string_view text, std::string_view more) {
    if (text.data() + text.size() == free_ && more.size() <= static_cast<std::size_t>(end_ - free_)) {
        std::memcpy(free_, more.data(), more.size());
        free_ += more.size();
        return {text.data(), text.size() + more.size()};
    }
    // Leave room to grow, so that a text in many pieces is not copied once for each of them.
    auto* const place = static_cast<char*>(allocate(2 * (text.size() + more.size())));
    std::memcpy(place, text.data(), text.size());
    std::memcpy(place + text.size(), more.data(), more.size());
    free_ = place + text.size() + more.size();
    return {place, text.size() + more.size()};
}

}  // namespace aldis::xml
