#pragma once

// The templates of db/database.h; include that.

#include <future>
#include <utility>

#include "db/database.h"

namespace aldis::db {

template <class Function>
Task<std::invoke_result_t<Function&, Connection&>> Database::read(Home home, Function job) {
    using T = std::invoke_result_t<Function&, Connection&>;
    using Outcome = detail::Outcome<T>;
    CallbackResult<Outcome> waiting{[this, &home, &job](std::function<void(Outcome)> answer) {
        read(Job{[home = std::move(home), job = std::move(job),
                  answer = std::move(answer)](Connection& connection) mutable {
            Outcome outcome = detail::outcome_of<T>(job, connection);
            home([answer = std::move(answer), outcome = std::move(outcome)]() mutable { answer(std::move(outcome)); });
        }});
    }};
    Outcome outcome = co_await waiting;
    if (!outcome) std::rethrow_exception(outcome.error());
    if constexpr (!std::is_void_v<T>) co_return std::move(*outcome);
}

namespace detail {
/// A unit of one job whose result is fetched after the commit.
template <class T, class Function>
Unit unit_of(std::shared_ptr<Outcome<T>> result, Function job) {
    Unit unit;
    unit.add([result = std::move(result), job = std::move(job)](Connection& connection) mutable {
        if constexpr (std::is_void_v<T>) {
            job(connection);
        } else {
            *result = job(connection);
        }
    });
    return unit;
}

template <class T>
std::shared_ptr<Outcome<T>> no_outcome() {
    return std::make_shared<Outcome<T>>(std::unexpected{std::exception_ptr{}});
}

template <class T>
void settle(Outcome<T>& outcome, std::exception_ptr fault) {
    if (fault) {
        outcome = std::unexpected{std::move(fault)};
    } else if constexpr (std::is_void_v<T>) {
        outcome = {};
    }
}
}  // namespace detail

template <class Function>
Task<std::invoke_result_t<Function&, Connection&>> Database::write(Home home, Function job) {
    using T = std::invoke_result_t<Function&, Connection&>;
    using Outcome = detail::Outcome<T>;
    CallbackResult<Outcome> waiting{[this, &home, &job](std::function<void(Outcome)> answer) {
        const auto result = detail::no_outcome<T>();
        submit(detail::unit_of<T>(result, std::move(job)),
               Done{[home = std::move(home), answer = std::move(answer), result](std::exception_ptr fault) mutable {
                   detail::settle<T>(*result, std::move(fault));
                   home([answer = std::move(answer), result] { answer(std::move(*result)); });
               }});
    }};
    Outcome outcome = co_await waiting;
    if (!outcome) std::rethrow_exception(outcome.error());
    if constexpr (!std::is_void_v<T>) co_return std::move(*outcome);
}

template <class Function>
std::invoke_result_t<Function&, Connection&> Database::write_now(Function job) {
    using T = std::invoke_result_t<Function&, Connection&>;
    const auto result = detail::no_outcome<T>();
    std::promise<void> done;
    std::future<void> finished = done.get_future();
    submit(detail::unit_of<T>(result, std::move(job)), Done{[&done, &result](std::exception_ptr fault) {
               detail::settle<T>(*result, std::move(fault));
               done.set_value();
           }});
    work_until(finished);
    if (!*result) std::rethrow_exception(result->error());
    if constexpr (!std::is_void_v<T>) return std::move(**result);
}

template <class Function>
std::invoke_result_t<Function&, Connection&> Database::read_now(Function job) {
    using T = std::invoke_result_t<Function&, Connection&>;
    auto result = detail::no_outcome<T>();
    std::promise<void> done;
    std::future<void> finished = done.get_future();
    read(Job{[&](Connection& connection) {
        *result = detail::outcome_of<T>(job, connection);
        done.set_value();
    }});
    work_until(finished);
    if (!*result) std::rethrow_exception(result->error());
    if constexpr (!std::is_void_v<T>) return std::move(**result);
}

}  // namespace aldis::db
