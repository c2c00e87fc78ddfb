#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tls/certificate.h"
#include "tls/stream.h"

namespace aldis::tls::testing {

struct Deleter {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

struct ClientOptions {
    int version = TLS1_3_VERSION;
    std::string server_name = {};
    std::vector<std::string> alpn = {};
    const char* ciphers = nullptr;  // TLS 1.2
    SSL_SESSION* resume = nullptr;
    CertificateFiles certificate = {};  // shown if it is asked for
};

/// What OpenSSL's own client makes of our server. Blocking over a socket, or by hand over memory.
class Client {
public:
    explicit Client(const ClientOptions& options);

    /// Blocking, over a connected socket. False if it failed.
    bool connect_over(int socket);
    void send(std::string_view bytes) const;
    [[nodiscard]] std::string receive(std::size_t count) const;
    /// True if the peer said close_notify.
    [[nodiscard]] bool at_end() const;
    void say_goodbye() const { SSL_shutdown(ssl_.get()); }

    /// In memory: one step of the handshake. What the peer sent in, what is to be sent to it out.
    bool step(std::string_view from_peer, std::string& to_peer);
    /// In memory: shakes hands with `server`. False if it failed on either side.
    bool shake_hands_with(Stream& server);

    [[nodiscard]] SSL& ssl() const { return *ssl_; }
    [[nodiscard]] std::string fingerprint() const;
    [[nodiscard]] std::string alpn() const;
    [[nodiscard]] std::string exporter() const;
    [[nodiscard]] std::string finished() const;
    /// SHA-256 of the server's certificate.
    [[nodiscard]] std::string end_point() const;
    [[nodiscard]] bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
    [[nodiscard]] std::unique_ptr<SSL_SESSION, Deleter> session() const {
        return std::unique_ptr<SSL_SESSION, Deleter>{SSL_get1_session(ssl_.get())};
    }

private:
    std::unique_ptr<SSL_CTX, Deleter> context_;
    std::unique_ptr<SSL, Deleter> ssl_;
};

/// A directory with certificates, gone at the end.
class Certificates {
public:
    Certificates();
    Certificates(const Certificates&) = delete;
    Certificates& operator=(const Certificates&) = delete;
    ~Certificates();
    /// Makes one under that file name.
    CertificateFiles make(const std::string& name, const std::vector<std::string>& domains) const;
    [[nodiscard]] CertificateFiles files(const std::string& name) const {
        return {path_ + "/" + name + ".crt", path_ + "/" + name + ".key"};
    }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace aldis::tls::testing
