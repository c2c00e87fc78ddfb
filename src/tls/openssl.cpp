#include "tls/openssl.h"

#include <openssl/err.h>

#include <stdexcept>

namespace aldis::tls {

std::string take_openssl_error() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "unknown reason" : reason;
}

void require(bool good, const char* what) {
    if (!good) throw std::runtime_error{std::string{what} + ": " + take_openssl_error()};
}

}  // namespace aldis::tls
