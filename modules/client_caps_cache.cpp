#include "modules/client_caps_cache.h"

#include <utility>

namespace aldis::modules::client_caps {

std::size_t Known::bytes() const {
    constexpr std::size_t around = 256;  // of the list, the table and the shared pointer
    std::size_t sum = around + key.size();
    for (const std::string& node : notified) sum += sizeof(std::string) + node.size();
    return sum;
}

std::shared_ptr<const Known> Cache::find(std::string_view key) {
    const auto place = places_.find(key);
    if (place == places_.end()) return nullptr;
    order_.splice(order_.begin(), order_, place->second);
    return order_.front();
}

void Cache::put(std::shared_ptr<const Known> known) {
    if (const auto place = places_.find(known->key); place != places_.end()) erase(place->second);
    bytes_ += known->bytes();
    order_.push_front(std::move(known));
    places_.emplace(order_.front()->key, order_.begin());
    while (!order_.empty() && (order_.size() > room_.entries || bytes_ > room_.bytes)) erase(std::prev(order_.end()));
}

void Cache::erase(Order::iterator place) {
    bytes_ -= (*place)->bytes();
    places_.erase((*place)->key);
    order_.erase(place);
}

}  // namespace aldis::modules::client_caps
