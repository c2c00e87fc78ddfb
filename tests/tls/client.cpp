#include "tests/tls/client.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include <filesystem>
#include <stdexcept>

namespace aldis::tls::testing {

Client::Client(const ClientOptions& options) : context_{SSL_CTX_new(TLS_client_method())} {
    SSL_CTX_set_min_proto_version(context_.get(), options.version);
    SSL_CTX_set_max_proto_version(context_.get(), options.version);
    if (options.ciphers != nullptr) SSL_CTX_set_cipher_list(context_.get(), options.ciphers);
    if (const CertificateFiles& own = options.certificate; !own.chain.empty()) {
        if (SSL_CTX_use_certificate_chain_file(context_.get(), own.chain.c_str()) != 1 ||
            SSL_CTX_use_PrivateKey_file(context_.get(), own.key.c_str(), SSL_FILETYPE_PEM) != 1)
            throw std::runtime_error{"client's certificate"};
    }
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_connect_state(ssl_.get());
    if (!options.server_name.empty()) SSL_set_tlsext_host_name(ssl_.get(), options.server_name.c_str());
    if (options.resume != nullptr) SSL_set_session(ssl_.get(), options.resume);
    std::string list;
    for (const std::string& name : options.alpn) list += static_cast<char>(name.size()) + name;
    if (!list.empty())
        SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(list.data()),
                            static_cast<unsigned>(list.size()));
}

bool Client::connect_over(int socket) {
    SSL_set_fd(ssl_.get(), socket);
    const bool good = SSL_connect(ssl_.get()) == 1;
    ERR_clear_error();
    return good;
}

void Client::send(std::string_view bytes) const {
    std::size_t written = 0;
    if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written) != 1)
        throw std::runtime_error{"TLS client cannot write"};
}

std::string Client::receive(std::size_t count) const {
    std::string bytes(count, '\0');
    std::size_t filled = 0;
    std::size_t got = 0;
    while (filled < count && SSL_read_ex(ssl_.get(), bytes.data() + filled, count - filled, &got) == 1) filled += got;
    bytes.resize(filled);
    return bytes;
}

bool Client::at_end() const {
    char byte = 0;
    return SSL_get_error(ssl_.get(), SSL_read(ssl_.get(), &byte, 1)) == SSL_ERROR_ZERO_RETURN;
}

bool Client::step(std::string_view from_peer, std::string& to_peer) {
    if (SSL_get_rbio(ssl_.get()) == nullptr) SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (!from_peer.empty()) BIO_write(SSL_get_rbio(ssl_.get()), from_peer.data(), static_cast<int>(from_peer.size()));
    const int result = SSL_do_handshake(ssl_.get());
    const bool failed = result != 1 && SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ;
    char* data = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &data);
    to_peer.append(data, static_cast<std::size_t>(size));
    static_cast<void>(BIO_reset(SSL_get_wbio(ssl_.get())));
    ERR_clear_error();
    return !failed;
}

bool Client::shake_hands_with(Stream& server) {
    std::string to_client;
    for (int round = 0; round < 10; ++round) {
        std::string to_server;
        if (!step(std::exchange(to_client, {}), to_server)) return false;
        std::string_view rest = to_server;
        if (server.state() == Stream::State::handshake) server.shake_hands(rest, to_client);
        if (server.state() == Stream::State::failed) return false;
        if (server.state() == Stream::State::open && SSL_is_init_finished(ssl_.get()) == 1) {
            char byte = 0;  // takes in the ticket
            step(std::exchange(to_client, {}), to_server);
            SSL_read(ssl_.get(), &byte, 1);
            return true;
        }
    }
    return false;
}

std::string Client::fingerprint() const {
    X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
    if (certificate == nullptr) return "";
    std::string bytes = end_point();
    std::string text;
    for (const char c : bytes) {
        constexpr std::string_view hex = "0123456789ABCDEF";
        if (!text.empty()) text += ':';
        text += hex[static_cast<unsigned char>(c) >> 4U];
        text += hex[static_cast<unsigned char>(c) & 15U];
    }
    return text;
}

std::string Client::alpn() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return size == 0 ? "" : std::string{reinterpret_cast<const char*>(name), size};
}

std::string Client::exporter() const {
    std::string bytes(32, '\0');
    SSL_export_keying_material(ssl_.get(), reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                               "EXPORTER-Channel-Binding", 24, nullptr, 0, 0);
    return bytes;
}

std::string Client::finished() const {
    std::string bytes(64, '\0');
    bytes.resize(resumed() ? SSL_get_peer_finished(ssl_.get(), bytes.data(), bytes.size())
                           : SSL_get_finished(ssl_.get(), bytes.data(), bytes.size()));
    return bytes;
}

std::string Client::end_point() const {
    std::string bytes(32, '\0');
    unsigned size = 0;
    X509_digest(SSL_get0_peer_certificate(ssl_.get()), EVP_sha256(), reinterpret_cast<unsigned char*>(bytes.data()),
                &size);
    return bytes;
}

Certificates::Certificates() {
    std::string name = (std::filesystem::temp_directory_path() / "aldis-tls-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error{"mkdtemp"};
    path_ = name;
}

Certificates::~Certificates() { std::filesystem::remove_all(path_); }

CertificateFiles Certificates::make(const std::string& name, const std::vector<std::string>& domains) const {
    const CertificateFiles made = files(name);
    std::filesystem::remove(made.chain);
    std::filesystem::remove(made.key);
    make_development_certificate(domains, made);
    return made;
}

}  // namespace aldis::tls::testing
