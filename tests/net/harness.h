#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "net/shard.h"
#include "net/socket.h"

namespace aldis::net::testing {

/// A shard on a thread of its own.
class RunningShard {
public:
    explicit RunningShard(unsigned index = 0)
        : shard_{std::make_unique<Shard>(index, clock_, random_)}, thread_{[this] { shard_->run(); }} {}
    ~RunningShard() {
        shard_->stop();
        thread_.join();
    }
    Shard& operator*() { return *shard_; }
    Shard* operator->() { return shard_.get(); }

    /// Runs `work` there and waits for what it returns.
    template <class F>
    auto ask(F work) {
        std::packaged_task<decltype(work())()> task{std::move(work)};
        auto answer = task.get_future();
        shard_->post([task = std::move(task)]() mutable { task(); });
        return answer.get();
    }

private:
    SystemClock clock_;
    SystemRandom random_;
    std::unique_ptr<Shard> shard_;
    std::thread thread_;
};

/// A client that blocks, with a time limit: what a peer sees.
class Client {
public:
    explicit Client(std::uint16_t port, int receive_buffer = 0)
        : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        const timeval limit{.tv_sec = 10, .tv_usec = 0};
        setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        if (receive_buffer > 0)
            setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) throw_errno("connect");
    }

    void send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0) throw_errno("send");
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// Exactly `count` bytes, or fewer if the peer ends before.
    std::string receive(std::size_t count) const {
        std::string bytes;
        while (bytes.size() < count) {
            char chunk[4096];
            const ssize_t got = recv(socket_.get(), chunk, std::min(sizeof chunk, count - bytes.size()), 0);
            if (got <= 0) break;
            bytes.append(chunk, static_cast<std::size_t>(got));
        }
        return bytes;
    }
    std::string receive_all() const { return receive(std::string::npos); }
    void end() const { shutdown(socket_.get(), SHUT_WR); }
    [[nodiscard]] int fd() const { return socket_.get(); }
    /// Closes so that the peer gets a reset.
    void reset() {
        const linger now{.l_onoff = 1, .l_linger = 0};
        setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
        socket_.reset();
    }

private:
    Fd socket_;
};

}  // namespace aldis::net::testing
