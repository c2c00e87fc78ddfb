#include "net/memory_transport.h"

#include <utility>

namespace aldis::net {

void MemoryTransport::receive(std::string_view bytes) {
    if (closed_ || due_) return;
    received_ += bytes;
    deliver();
}

void MemoryTransport::receive_end(Closed why) { end(why); }

void MemoryTransport::deliver() {
    if (paused_ || received_.empty() || receiver_ == nullptr || due_) return;
    const std::string bytes = std::exchange(received_, {});
    receiver_->on_bytes(bytes);
}

void MemoryTransport::turn() {
    if (std::exchange(tls_due_, false) && !due_) {
        received_.clear();  // in the clear, so it could be injected
        info_ = next_info_.value_or(TlsInfo{.version = "TLSv1.3", .cipher = "TLS_AES_256_GCM_SHA384"});
        if (receiver_ != nullptr) receiver_->on_tls();
    }
    deliver();
    if (!due_ || closed_) return;
    closed_ = true;
    if (receiver_ != nullptr) receiver_->on_closed(*due_);
}

void MemoryTransport::send(std::string_view bytes) {
    if (due_) return;
    sent_ += bytes;
    if (sent_.size() > queue_limit_) end(Closed::over_limit);
}

void MemoryTransport::end(Closed why) {
    if (!due_) due_ = why;
}

}  // namespace aldis::net
