#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace aldis {

template <class T>
class Task;

namespace detail {

struct PromiseBase {
    std::coroutine_handle<> waiting;
    std::exception_ptr fault;

    struct ToWaiting {
        [[nodiscard]] bool await_ready() const noexcept { return false; }
        template <class P>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<P> self) const noexcept {
            const std::coroutine_handle<> next = self.promise().waiting;
            return next ? next : std::noop_coroutine();
        }
        void await_resume() const noexcept {}
    };

    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] ToWaiting final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { fault = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
    std::optional<T> value;
    Task<T> get_return_object();
    template <class U>
    void return_value(U&& result) {
        value.emplace(std::forward<U>(result));
    }
    T take() {
        if (fault) std::rethrow_exception(fault);
        return std::move(*value);
    }
};

template <>
struct Promise<void> : PromiseBase {
    Task<void> get_return_object();
    void return_void() const noexcept {}
    void take() const {
        if (fault) std::rethrow_exception(fault);
    }
};

}  // namespace detail

/// A coroutine that waits for something, on one shard. It starts when it is awaited, or when a TaskGroup takes it, and
/// resumes its awaiter directly. Own instead of asio::awaitable: no executor in every frame, and no module sees Asio.
template <class T>
class [[nodiscard]] Task {
public:
    using promise_type = detail::Promise<T>;

    explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_{handle} {}
    Task(Task&& other) noexcept : handle_{std::exchange(other.handle_, nullptr)} {}
    Task& operator=(Task&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    ~Task() {
        if (handle_) handle_.destroy();
    }

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
        handle_.promise().waiting = waiting;
        return handle_;
    }
    T await_resume() { return handle_.promise().take(); }

private:
    std::coroutine_handle<promise_type> handle_;
};

namespace detail {
template <class T>
Task<T> Promise<T>::get_return_object() {
    return Task<T>{std::coroutine_handle<Promise>::from_promise(*this)};
}
inline Task<void> Promise<void>::get_return_object() {
    return Task<void>{std::coroutine_handle<Promise>::from_promise(*this)};
}
}  // namespace detail

/// The coroutines that an owner has started. The owner's last act is to let them go: what is still suspended is
/// destroyed with its frame, so whatever would resume it must hold a Resumer (below), never a bare handle.
class TaskGroup {
public:
    using OnFault = std::function<void(std::exception_ptr)>;

    explicit TaskGroup(OnFault on_fault) : on_fault_{std::move(on_fault)} {}
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;
    ~TaskGroup() { clear(); }

    /// Runs `task` until it waits for the first time; an exception that leaves it goes to on_fault.
    void start(Task<void> task);
    /// Destroys what is suspended.
    void clear();
    [[nodiscard]] std::size_t size() const { return running_.size(); }

private:
    struct Root {
        struct promise_type {
            TaskGroup* group = nullptr;
            Root get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
            [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
            struct Leave {
                [[nodiscard]] bool await_ready() const noexcept { return false; }
                void await_suspend(std::coroutine_handle<promise_type> self) const noexcept {
                    self.promise().group->leave(self);
                }
                void await_resume() const noexcept {}
            };
            [[nodiscard]] Leave final_suspend() const noexcept { return {}; }
            void return_void() const noexcept {}
            void unhandled_exception() const noexcept { std::terminate(); }
        };
        std::coroutine_handle<promise_type> handle;
    };

    static Root run(TaskGroup& group, Task<void> task);
    void leave(std::coroutine_handle<> root);

    OnFault on_fault_;
    std::vector<std::coroutine_handle<>> running_;
};

/// `CallbackResult<T> answer{start}; T value = co_await answer;`: hands `start` a callback of one T, to be called once
/// on the same shard, at once or later. If the waiting coroutine has gone by then, the callback does nothing.
template <class T>
class CallbackResult {
public:
    using Callback = std::function<void(T)>;

    explicit CallbackResult(std::function<void(Callback)> start) : start_{std::move(start)} {}
    CallbackResult(const CallbackResult&) = delete;
    CallbackResult& operator=(const CallbackResult&) = delete;
    ~CallbackResult() {
        if (state_) state_->waiting = nullptr;
    }

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) {
        state_ = std::make_shared<State>();
        start_([state = state_](T value) {
            state->value.emplace(std::move(value));
            if (state->waiting) std::exchange(state->waiting, nullptr).resume();
        });
        if (state_->value) return false;  // answered at once: there is nothing to wait for
        state_->waiting = waiting;
        return true;
    }
    T await_resume() { return std::move(*state_->value); }

private:
    struct State {
        std::coroutine_handle<> waiting;
        std::optional<T> value;
    };
    std::function<void(Callback)> start_;
    std::shared_ptr<State> state_;
};

}  // namespace aldis
