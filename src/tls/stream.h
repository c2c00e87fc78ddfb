#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tls/context.h"
#include "tls/info.h"

struct ssl_st;
struct bio_st;

namespace aldis::tls {

/// The server's side of one TLS connection: bytes in, bytes out, no socket. OpenSSL reads from the caller's buffer and
/// writes to the caller's string, so a connection costs one recv() and one send() a turn however many records they
/// carry, and keeps no buffer of its own while it is idle.
class Stream {
public:
    enum class State : std::uint8_t {
        handshake,
        open,
        ended,   ///< the peer said close_notify
        failed,  ///< failure() says why; what was written to `out` is an alert that the peer should get
    };

    /// Use Context::accept.
    Stream(std::shared_ptr<const Context::Set> set, unsigned shard, std::string_view alpn, std::string_view fallback);
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream();

    [[nodiscard]] State state() const { return state_; }
    /// The handshake is done, whatever came later.
    [[nodiscard]] bool established() const { return established_; }

    /// Goes on with the handshake. Takes from the front of `encrypted` what belongs to it.
    /// @param out  what is to be sent to the peer is appended
    void shake_hands(std::string_view& encrypted, std::string& out);
    /// Decrypts all of `encrypted`.
    /// @param plain  must have room for as many bytes as `encrypted` and one record of 16 KiB
    /// @return       how many bytes of it were filled
    std::size_t receive(std::string_view encrypted, std::span<char> plain, std::string& out);
    /// Encrypts all of `plain`, in as few records as possible.
    void send(std::string_view plain, std::string& out);
    /// Says close_notify.
    void end(std::string& out);

    /// Only when established.
    [[nodiscard]] const Info& info();
    [[nodiscard]] const std::string& failure() const;

    // For OpenSSL's callbacks.
    [[nodiscard]] static Stream& of(const ssl_st& ssl);
    [[nodiscard]] const Context::Set& set() const { return *set_; }
    static int on_client_hello(ssl_st* ssl, int* alert, void*);
    static int on_new_ticket(ssl_st* ssl, void*);
    static int on_alpn(ssl_st* ssl, const unsigned char** chosen, unsigned char* chosen_size,
                       const unsigned char* offered, unsigned offered_size, void*);

private:
    friend struct WireBio;
    struct Wire {
        std::string_view in;
        std::string* out = nullptr;
    };
    struct Wishes {  // needed until the handshake is done
        std::string alpn;
        std::string fallback;
        unsigned shard = 0;
        std::string failure;
    };
    struct FreeSsl {
        void operator()(ssl_st* ssl) const noexcept;
    };

    void fail(int error);
    void choose_domain();
    [[nodiscard]] std::optional<std::string> end_point() const;

    std::shared_ptr<const Context::Set> set_;
    std::unique_ptr<ssl_st, FreeSsl> ssl_;
    Wire wire_;
    std::unique_ptr<Wishes> wishes_;
    std::unique_ptr<Info> info_;  // made when somebody asks
    std::string server_name_;
    bool established_ = false;
    bool one_certificate_ = true;  // the domain has no other that the client could have been shown
    State state_ = State::handshake;
};

}  // namespace aldis::tls
