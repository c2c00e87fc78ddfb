#pragma once

#include <memory>
#include <string>

#include "net/output.h"
#include "tls/stream.h"

namespace aldis::net {

/// What a Connection has in addition when it is under TLS.
struct SecureLayer {
    std::unique_ptr<tls::Stream> stream;
    Output wire;        // encrypted (or from before TLS), not yet taken by the kernel
    std::string early;  // encrypted, came with the end of the handshake while nobody was ready to read
    bool goodbye_said = false;
};

}  // namespace aldis::net
