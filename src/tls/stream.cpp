#include "tls/stream.h"

#include <openssl/err.h>

#include <algorithm>
#include <cstring>

#include "tls/certificate_set.h"
#include "tls/channel_binding.h"
#include "tls/client_certificates.h"
#include "tls/openssl.h"

namespace aldis::tls {
namespace {

constexpr std::size_t longest_domain = 255;

/// The host name in a server_name extension: RFC 6066 section 3. Empty if there is none.
std::string_view host_name_in(const unsigned char* bytes, std::size_t size) {
    std::string_view extension{reinterpret_cast<const char*>(bytes), size};
    constexpr std::size_t header = 5;  // length of the list, type 0, length of the name
    if (extension.size() <= header || extension[2] != 0) return {};
    const auto length = static_cast<std::size_t>(bytes[3]) << 8U | bytes[4];
    extension.remove_prefix(header);
    return length <= extension.size() && length <= longest_domain ? extension.substr(0, length) : std::string_view{};
}

std::string lower(std::string_view name) {
    std::string text{name};
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

}  // namespace

/// A BIO that reads from and writes to the buffers of the call in progress.
struct WireBio {
    static Stream::Wire& wire_of(BIO* bio) { return *static_cast<Stream::Wire*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* to, int size) {
        BIO_clear_retry_flags(bio);
        std::string_view& in = wire_of(bio).in;
        if (in.empty()) {
            BIO_set_retry_read(bio);
            return -1;
        }
        const std::size_t count = std::min(in.size(), static_cast<std::size_t>(size));
        std::memcpy(to, in.data(), count);
        in.remove_prefix(count);
        return static_cast<int>(count);
    }

    static int write(BIO* bio, const char* from, int size) {
        wire_of(bio).out->append(from, static_cast<std::size_t>(size));
        return size;
    }

    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

    static int create(BIO* bio) {
        BIO_set_init(bio, 1);
        return 1;
    }

    static const BIO_METHOD* method() {
        static const std::unique_ptr<BIO_METHOD, Free<&BIO_meth_free>> made = [] {
            std::unique_ptr<BIO_METHOD, Free<&BIO_meth_free>> fresh{
                BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "wire")};
            BIO_meth_set_read(fresh.get(), &read);
            BIO_meth_set_write(fresh.get(), &write);
            BIO_meth_set_ctrl(fresh.get(), &control);
            BIO_meth_set_create(fresh.get(), &create);
            return fresh;
        }();
        return made.get();
    }

    static BIO* over(Stream::Wire& wire) {
        BIO* const bio = BIO_new(method());
        BIO_set_data(bio, &wire);
        return bio;
    }
};

void Stream::FreeSsl::operator()(ssl_st* ssl) const noexcept { SSL_free(ssl); }

Stream::Stream(std::shared_ptr<const Context::Set> set, unsigned shard, std::string_view alpn,
               std::string_view fallback)
    : set_{std::move(set)}, wishes_{std::make_unique<Wishes>(std::string{alpn}, lower(fallback), shard)} {
    ssl_.reset(SSL_new(set_->domains.front().contexts[shard].get()));
    require(ssl_ != nullptr, "TLS connection");
    BIO* const bio = WireBio::over(wire_);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_accept_state(ssl_.get());
}

Stream::~Stream() = default;

Stream& Stream::of(const ssl_st& ssl) { return *static_cast<Stream*>(SSL_get_app_data(&ssl)); }

// ---- callbacks ----

int Stream::on_client_hello(ssl_st* ssl, int*, void*) {
    Stream& self = of(*ssl);
    const unsigned char* bytes = nullptr;
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &bytes, &size) == 1)
        self.server_name_ = lower(host_name_in(bytes, size));
    self.choose_domain();
    return SSL_CLIENT_HELLO_SUCCESS;
}

void Stream::choose_domain() {
    const Context::Set::Domain& domain = set_->find(server_name_.empty() ? wishes_->fallback : server_name_);
    one_certificate_ = domain.pairs.size() == 1;
    SSL_set_SSL_CTX(ssl_.get(), domain.contexts[wishes_->shard].get());
    ask_for_certificate(*ssl_, domain.asks_clients);  // of what a context says, only part is taken over
}

// A session that is resumed does not tell which of several certificates the client was shown, so its ticket does.
int Stream::on_new_ticket(ssl_st* ssl, void*) {
    if (of(*ssl).one_certificate_ || SSL_session_reused(ssl) == 1) return 1;
    const X509* const certificate = SSL_get_certificate(ssl);
    const std::optional<std::string> shown = certificate == nullptr ? std::nullopt : end_point_binding(*certificate);
    return shown ? SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), shown->data(), shown->size()) : 1;
}

// XEP-0368 "Requirements": when ALPN is used, it must name our protocol; a client may do without it. With STARTTLS
// nothing has to be negotiated.
int Stream::on_alpn(ssl_st* ssl, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned offered_size, void*) {
    const std::string& wanted = of(*ssl).wishes_->alpn;
    if (wanted.empty()) return SSL_TLSEXT_ERR_NOACK;
    const std::string_view list{reinterpret_cast<const char*>(offered), offered_size};
    for (std::size_t at = 0; at < list.size(); at += 1U + offered[at]) {
        if (list.substr(at + 1, offered[at]) != wanted) continue;
        *chosen = offered + at + 1;
        *chosen_size = offered[at];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;  // no_application_protocol
}

// ---- bytes ----

void Stream::shake_hands(std::string_view& encrypted, std::string& out) {
    wire_ = {.in = encrypted, .out = &out};
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    encrypted = wire_.in;
    if (result == 1) {
        state_ = State::open;
        established_ = true;
        wishes_.reset();
        return;
    }
    const int error = SSL_get_error(ssl_.get(), result);
    if (error != SSL_ERROR_WANT_READ) fail(error);
}

std::size_t Stream::receive(std::string_view encrypted, std::span<char> plain, std::string& out) {
    wire_ = {.in = encrypted, .out = &out};
    ERR_clear_error();
    std::size_t filled = 0;
    while (state_ == State::open && filled < plain.size()) {
        std::size_t got = 0;
        const int result = SSL_read_ex(ssl_.get(), plain.data() + filled, plain.size() - filled, &got);
        filled += got;
        if (result == 1) continue;
        const int error = SSL_get_error(ssl_.get(), result);
        if (error == SSL_ERROR_WANT_READ) break;
        if (error == SSL_ERROR_ZERO_RETURN)
            state_ = State::ended;
        else
            fail(error);
    }
    return filled;
}

void Stream::send(std::string_view plain, std::string& out) {
    if (state_ != State::open && state_ != State::ended) return;
    wire_ = {.in = {}, .out = &out};
    ERR_clear_error();
    while (!plain.empty()) {
        std::size_t written = 0;
        const int result = SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written);
        if (result != 1) return fail(SSL_get_error(ssl_.get(), result));
        plain.remove_prefix(written);
    }
}

void Stream::end(std::string& out) {
    if (state_ != State::open && state_ != State::ended) return;
    wire_ = {.in = {}, .out = &out};
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

void Stream::fail(int error) {
    state_ = State::failed;
    if (!wishes_) wishes_ = std::make_unique<Wishes>();
    wishes_->failure = error == SSL_ERROR_SSL ? take_openssl_error() : "unexpected state";
    ERR_clear_error();
}

// ---- what is known ----

const std::string& Stream::failure() const {
    static const std::string none;
    return wishes_ ? wishes_->failure : none;
}

/// XEP-0440 1.0.0 "Business Rules": there has to be one on every connection, resumed or not.
std::optional<std::string> Stream::end_point() const {
    if (SSL_session_reused(ssl_.get()) == 0 || one_certificate_) {
        const X509* const certificate = SSL_get_certificate(ssl_.get());
        return certificate == nullptr ? std::nullopt : end_point_binding(*certificate);
    }
    void* data = nullptr;
    std::size_t size = 0;
    if (SSL_SESSION_get0_ticket_appdata(SSL_get_session(ssl_.get()), &data, &size) != 1 || size == 0)
        return std::nullopt;
    return std::string{static_cast<const char*>(data), size};
}

const Info& Stream::info() {
    if (info_) return *info_;
    info_ = std::make_unique<Info>();
    info_->version = SSL_get_version(ssl_.get());
    info_->cipher = SSL_get_cipher_name(ssl_.get());
    info_->server_name = server_name_;
    info_->tls_exporter = exporter_binding(*ssl_);
    info_->tls_unique = unique_binding(*ssl_);
    info_->tls_server_end_point = end_point();
    info_->certificate = peer_certificate(*ssl_);
    return *info_;
}

}  // namespace aldis::tls
