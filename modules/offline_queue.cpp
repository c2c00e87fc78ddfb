#include "modules/offline_queue.h"

#include <algorithm>

namespace aldis::modules::offline {

bool Queue::is_out(std::int64_t id) const {
    return std::ranges::any_of(held, [id](const Held& one) { return one.has(id); }) ||
           std::ranges::any_of(live, [id](const std::weak_ptr<const Row>& one) {
               const std::shared_ptr<const Row> row = one.lock();
               return row && *row->id == id;
           });
}

void Queue::add_live(const std::shared_ptr<const Row>& row) {
    // Those that never came to the disk are forgotten by whoever was to send them.
    if (live.size() >= tidy_at) {
        std::erase_if(live, [](const std::weak_ptr<const Row>& one) { return one.expired(); });
        tidy_at = std::max<std::size_t>(16, 2 * live.size());
    }
    live.push_back(row);
}

void Queue::remove_live(const Row& row) {
    // The oldest is acknowledged first.
    const auto place =
        std::ranges::find_if(live, [&row](const std::weak_ptr<const Row>& one) { return one.lock().get() == &row; });
    if (place != live.end()) live.erase(place);
}

}  // namespace aldis::modules::offline
