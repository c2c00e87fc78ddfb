#include "cli/password.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <stdexcept>

namespace aldis::cli {
namespace {

/// The terminal, silent while this lives.
class SilentTerminal {
public:
    SilentTerminal() : terminal_{::open("/dev/tty", O_RDWR | O_CLOEXEC)} {
        if (terminal_ < 0 || ::tcgetattr(terminal_, &before_) != 0)
            throw std::runtime_error{"there is no terminal to ask for a password; use --password-stdin or --generate"};
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(terminal_, TCSAFLUSH, &silent);
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;
    ~SilentTerminal() {
        if (terminal_ < 0) return;
        ::tcsetattr(terminal_, TCSAFLUSH, &before_);
        ::close(terminal_);
    }

    std::string ask(const std::string& prompt) const {
        write(prompt);
        std::string line;
        char letter = 0;
        while (::read(terminal_, &letter, 1) == 1 && letter != '\n') line += letter;
        write("\n");
        return line;
    }

private:
    void write(const std::string& text) const {
        [[maybe_unused]] const ssize_t written = ::write(terminal_, text.data(), text.size());
    }

    int terminal_;
    termios before_{};
};

}  // namespace

std::string ask_password(const std::string& whose) {
    const SilentTerminal terminal;
    std::string first = terminal.ask("Password for " + whose + ": ");
    if (terminal.ask("Again: ") != first) throw std::runtime_error{"the two passwords differ"};
    return first;
}

std::string read_password() {
    std::string line;
    if (!std::getline(std::cin, line)) throw std::runtime_error{"there is no password on the standard input"};
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

std::string generate_password(Random& random) {
    constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789";  // 32 of them: a byte's rest is fair
    static_assert(letters.size() == 32);
    std::array<unsigned char, 20> bytes{};
    random.fill(bytes);
    std::string password;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0 && i % 4 == 0) password += '-';
        password += letters[bytes[i] % letters.size()];
    }
    return password;
}

}  // namespace aldis::cli
