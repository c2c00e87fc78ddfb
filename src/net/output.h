#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace aldis::net {

/// Buffers that are not in use, kept for the next connection that has something to send.
class BufferPool {
public:
    [[nodiscard]] std::string take();
    void give(std::string buffer);

private:
    static constexpr std::size_t most_buffers = 64;
    static constexpr std::size_t largest_buffer = 64 * 1024;
    std::vector<std::string> free_;
};

/// Bytes on their way out, in one piece. Owns memory only while there are any. Works without a pool, too.
class Output {
public:
    void append(std::string_view bytes, BufferPool* pool);
    /// The first `count` bytes are gone.
    void consume(std::size_t count, BufferPool* pool);
    void clear(BufferPool* pool);

    [[nodiscard]] std::string_view pending() const { return std::string_view{buffer_}.substr(taken_); }
    [[nodiscard]] std::size_t size() const { return buffer_.size() - taken_; }
    [[nodiscard]] bool empty() const { return size() == 0; }

private:
    std::string buffer_;
    std::size_t taken_ = 0;
};

}  // namespace aldis::net
