#include "server/systemd.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace aldis::server {
namespace {

class Systemd : public testing::Test {
protected:
    ~Systemd() override {
        for (const char* const name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS"})
            ::unsetenv(name);
    }
};

/// The end of the notification socket that systemd holds.
class Listener {
public:
    explicit Listener(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, path.size());
        if (path.front() == '@') address.sun_path[0] = '\0';
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
        EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size), 0);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }
    ~Listener() { ::close(socket_); }

    [[nodiscard]] std::string receive() const {
        std::array<char, 500> text{};
        const ssize_t size = ::recv(socket_, text.data(), text.size(), MSG_DONTWAIT);
        return {text.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
    }

private:
    int socket_ = ::socket(AF_UNIX, SOCK_DGRAM, 0);
};

TEST_F(Systemd, IsToldWhatTheServerDoes) {
    const std::string path = testing::TempDir() + "/aldis-notify-" + std::to_string(::getpid());
    for (const std::string& name : {path, "@aldis-test-" + std::to_string(::getpid())}) {
        const Listener listener{name};
        notify_ready();
        EXPECT_EQ(listener.receive(), "READY=1");
        notify_reloading();
        EXPECT_THAT(listener.receive(), testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
        notify_stopping();
        EXPECT_EQ(listener.receive(), "STOPPING=1");
    }
    ::unlink(path.c_str());
}

TEST_F(Systemd, MayBeAbsentOrDeaf) {
    notify_ready();
    ::setenv("NOTIFY_SOCKET", "/no/such/socket", 1);
    notify_ready();
    ::setenv("NOTIFY_SOCKET", std::string(200, 'x').c_str(), 1);
    notify_ready();
    EXPECT_EQ(watchdog_patience(), std::nullopt);
}

TEST_F(Systemd, SaysHowOftenItWantsToHearFromUs) {
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    EXPECT_EQ(watchdog_patience(), std::chrono::seconds{30});
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    EXPECT_EQ(watchdog_patience(), std::chrono::seconds{30});
    ::setenv("WATCHDOG_PID", "1", 1);
    EXPECT_EQ(watchdog_patience(), std::nullopt);
    ::unsetenv("WATCHDOG_PID");
    ::setenv("WATCHDOG_USEC", "soon", 1);
    EXPECT_EQ(watchdog_patience(), std::nullopt);
}

int listening_socket(std::uint16_t& port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(socket, 1) != 0) return -1;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    return socket;
}

/// In a child, because descriptors 3 and 4 belong to whoever has them here.
int take_sockets_as_systemd_hands_them_over() {
    std::uint16_t first = 0;
    std::uint16_t second = 0;
    const int one = ::dup2(listening_socket(first), 100);
    const int two = ::dup2(listening_socket(second), 101);
    ::dup2(one, 3);
    ::dup2(two, 4);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", "2", 1);
    InheritedSockets sockets = InheritedSockets::take();
    if (sockets.left_over().size() != 2) return 1;
    if (sockets.take("127.0.0.1", second) != 4 || sockets.take("127.0.0.1", second) != -1 ||
        sockets.take("::1", first) != -1)
        return 2;
    if (sockets.left_over() != std::vector{"127.0.0.1:" + std::to_string(first)}) return 3;
    return InheritedSockets::take().left_over().empty() ? 0 : 4;
}

TEST_F(Systemd, HandsListeningSocketsOver) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(take_sockets_as_systemd_hands_them_over());
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST_F(Systemd, HandsNothingOverToAnotherProcess) {
    ::setenv("LISTEN_PID", "1", 1);
    ::setenv("LISTEN_FDS", "3", 1);
    EXPECT_TRUE(InheritedSockets::take().left_over().empty());
}

}  // namespace
}  // namespace aldis::server
