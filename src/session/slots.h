#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace aldis::session {

struct SlotBase {
    explicit SlotBase(const void* t) : type{t} {}
    virtual ~SlotBase() = default;
    const void* type;  ///< cheaper to compare than a dynamic_cast, and these are asked for with every message
};

namespace detail {
template <class T>
inline constexpr char type_tag = 0;
}

/// Room that an owner keeps for modules: at most one object of each type. Small, for a handful of types.
class Slots {
public:
    template <class T>
    [[nodiscard]] T* find() const {
        for (const auto& slot : slots_)
            if (slot->type == &detail::type_tag<T>) return &static_cast<Holder<T>&>(*slot).value;
        return nullptr;
    }
    /// Made at the first call.
    template <class T>
    [[nodiscard]] T& get() {
        if (T* const there = find<T>()) return *there;
        auto made = std::make_unique<Holder<T>>();
        T& value = made->value;
        slots_.push_back(std::move(made));
        return value;
    }
    void add(std::unique_ptr<SlotBase> slot) {
        if (slot) slots_.push_back(std::move(slot));
    }

    template <class T>
    struct Holder final : SlotBase {
        Holder() : SlotBase{&detail::type_tag<T>} {}
        explicit Holder(T v) : SlotBase{&detail::type_tag<T>}, value{std::move(v)} {}
        T value{};
    };

private:
    std::vector<std::unique_ptr<SlotBase>> slots_;
};

/// For loaders: an object on its way into a slot.
template <class T>
[[nodiscard]] std::unique_ptr<SlotBase> slot_of(T value) {
    return std::make_unique<Slots::Holder<T>>(std::move(value));
}

}  // namespace aldis::session
