#include "net/output.h"

#include <utility>

namespace aldis::net {

std::string BufferPool::take() {
    if (free_.empty()) return {};
    std::string buffer = std::move(free_.back());
    free_.pop_back();
    return buffer;
}

void BufferPool::give(std::string buffer) {
    if (free_.size() >= most_buffers || buffer.capacity() > largest_buffer) return;
    buffer.clear();
    free_.push_back(std::move(buffer));
}

void Output::append(std::string_view bytes, BufferPool* pool) {
    if (pool != nullptr && buffer_.empty() && buffer_.capacity() < bytes.size()) buffer_ = pool->take();
    // Moving the rest to the front costs nothing on average if more than half has been taken.
    if (taken_ > buffer_.size() / 2) {
        buffer_.erase(0, taken_);
        taken_ = 0;
    }
    buffer_.append(bytes);
}

void Output::consume(std::size_t count, BufferPool* pool) {
    taken_ += count;
    if (taken_ >= buffer_.size()) clear(pool);
}

void Output::clear(BufferPool* pool) {
    taken_ = 0;
    // A string that holds its few bytes in itself has nothing to give back.
    if (buffer_.capacity() > std::string{}.capacity()) {
        std::string buffer = std::exchange(buffer_, {});
        if (pool != nullptr) pool->give(std::move(buffer));
    }
    buffer_.clear();
}

}  // namespace aldis::net
