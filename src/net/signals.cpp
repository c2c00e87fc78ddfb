#include "net/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace aldis::net {

Signals::Signals(Shard& shard, std::initializer_list<int> wanted, OnSignal on_signal)
    : shard_{shard}, on_signal_{std::move(on_signal)} {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : wanted) sigaddset(&set, number);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    fd_ = Fd{signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)};
    if (!fd_) throw_errno("signalfd");
    shard_.poller().add(fd_.get(), EPOLLIN, *this);
}

Signals::~Signals() { shard_.poller().remove(fd_.get(), *this); }

void Signals::on_events(std::uint32_t) {
    signalfd_siginfo info{};
    while (::read(fd_.get(), &info, sizeof info) == sizeof info) on_signal_(static_cast<int>(info.ssi_signo));
}

void ignore_broken_pipes() {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // a file at its limit (ulimit -f) is an error of write(2), as a full disk is
}

}  // namespace aldis::net
