#include "base/task.h"

#include <algorithm>

namespace aldis {

TaskGroup::Root TaskGroup::run(TaskGroup& group, Task<void> task) {
    std::exception_ptr fault;
    try {
        co_await std::move(task);
    } catch (...) {
        fault = std::current_exception();
    }
    if (fault) group.on_fault_(fault);
}

void TaskGroup::start(Task<void> task) {
    const Root root = run(*this, std::move(task));
    root.handle.promise().group = this;
    running_.push_back(root.handle);
    root.handle.resume();
}

void TaskGroup::leave(std::coroutine_handle<> root) {
    running_.erase(std::find(running_.begin(), running_.end(), root));
    root.destroy();
}

void TaskGroup::clear() {
    // Destroying a frame may let go of others; take one at a time.
    while (!running_.empty()) {
        const std::coroutine_handle<> root = running_.back();
        running_.pop_back();
        root.destroy();
    }
}

}  // namespace aldis
