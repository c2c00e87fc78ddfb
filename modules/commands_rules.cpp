#include "modules/commands_rules.h"

#include <algorithm>

namespace aldis::modules::commands {
namespace {

using xep::commands::Actions;
using xep::commands::Status;
using Answer = xep::commands::Command;

constexpr stanza::Error too_many{Condition::resource_constraint, ErrorType::wait, "Too many commands are being run."};
constexpr stanza::Error at_work{Condition::unexpected_request, ErrorType::wait, "The command is at work; wait for it."};
constexpr stanza::Error too_long{Condition::internal_server_error, ErrorType::cancel, "The command does not end."};

std::size_t bytes_of(const dataforms::Form& form) {
    std::size_t bytes = 0;
    for (const dataforms::Field& field : form.fields)
        for (const std::string& value : field.values) bytes += value.size() + sizeof(std::string);
    return bytes;
}

std::string label_of(const dataforms::Form& form, std::string_view var) {
    const dataforms::Field* const field = form.field(var);
    return field != nullptr && field->label ? *field->label : std::string{var};
}

stanza::Error with_text(stanza::Error error, std::string_view text) {
    error.text = text;
    return error;
}

std::size_t hash_of(const std::string& id) { return std::hash<std::string>{}(id); }

}  // namespace

Stage ask(dataforms::Form form, Then then) {
    return {.kind = Stage::Kind::ask,
            .form = std::move(form),
            .next = then != Then::complete,
            .complete = then != Then::next};
}
Stage reject(std::string_view field, std::string why) {
    return {.kind = Stage::Kind::rejected, .notes = {{.text = std::move(why)}}, .field = std::string{field}};
}
Stage done(std::string text) {
    Stage stage;
    if (!text.empty()) stage.notes.push_back({.text = std::move(text)});
    return stage;
}
Stage show(dataforms::Form result, std::string text) {
    Stage stage = done(std::move(text));
    stage.form = std::move(result);
    return stage;
}
Stage failed(std::string why) { return {.notes = {{.type = NoteType::error, .text = std::move(why)}}}; }

bool may_run(const Command& command, const Jid& from, const Jid& domain, const session::DomainSettings& settings) {
    switch (command.allowed) {
        case Allowed::everyone: return true;
        // An account's commands are asked for at its own address.
        case Allowed::owner: return from.has_local() && from.domain() == domain.domain();
        case Allowed::admins: return settings.is_admin(from);
    }
    return false;
}

Answer Execution::present(const Stage& stage) const {
    Answer answer{.node = command->node,
                  .sessionid = id,
                  .status = stage.kind == Stage::Kind::ask ? Status::executing : Status::completed,
                  .form = stage.form,
                  .notes = stage.notes,
                  .lang = "en"};
    if (stage.kind == Stage::Kind::ask)
        answer.actions = Actions{.execute = stage.next ? Action::next : Action::complete,
                                 .prev = shown_.size() > 1,
                                 .next = stage.next,
                                 .complete = stage.complete};
    return answer;
}

Result<Answer> Execution::take(Stage stage, std::string& why) {
    switch (stage.kind) {
        case Stage::Kind::rejected:
            why = stage.notes.at(0).text;
            if (!begins()) {
                if (!stage.field.empty()) why = label_of(*shown_.back().form, stage.field) + ": " + why;
                withdraw();
            }
            return std::unexpected{with_text(xep::commands::bad_payload, why)};
        case Stage::Kind::ask:
            if (shown_.size() >= most_stages) return std::unexpected{too_long};
            shown_.push_back(std::move(stage));
            return present(shown_.back());
        case Stage::Kind::end: break;
    }
    return present(stage);
}

Result<Action> Execution::resolve(Action asked) const {
    const Stage& stage = shown_.back();
    if (asked == Action::execute) asked = stage.next ? Action::next : Action::complete;
    const bool possible = asked == Action::next       ? stage.next
                          : asked == Action::complete ? stage.complete
                          : asked == Action::prev     ? shown_.size() > 1
                                                      : false;
    if (!possible) return std::unexpected{xep::commands::bad_action};
    return asked;
}

Result<void> Execution::answer(Action action, std::optional<dataforms::Form> form, std::string& why) {
    if (!form) return std::unexpected{xep::commands::bad_payload};
    // XEP-0050 "Use of Data Forms": 'cancel' is to be understood as 'submit'.
    if (form->kind == dataforms::Kind::cancel) form->kind = dataforms::Kind::submit;
    std::expected<dataforms::Form, dataforms::Problem> checked = dataforms::check(*shown_.back().form, *form);
    if (!checked) {
        why = std::move(checked.error().why);
        return std::unexpected{with_text(xep::commands::bad_payload, why)};
    }
    const std::size_t bytes = bytes_of(*checked);
    if (bytes_ + bytes > most_bytes)
        return std::unexpected{with_text(xep::commands::bad_payload, "This is too much to take in.")};
    bytes_ += bytes;
    call.action_ = action;
    call.answers_.push_back(std::move(*checked));
    return {};
}

void Execution::withdraw() {
    if (call.answers_.empty()) return;
    bytes_ -= bytes_of(call.answers_.back());
    call.answers_.pop_back();
}

Answer Execution::go_back() {
    shown_.pop_back();
    const dataforms::Form given = std::move(call.answers_.back());
    call.answers_.pop_back();
    bytes_ -= bytes_of(given);
    for (dataforms::Field& field : shown_.back().form->fields) {
        const dataforms::Field* const answer = field.var ? given.field(*field.var) : nullptr;
        if (answer != nullptr && field.type != dataforms::FieldType::text_private) field.values = answer->values;
    }
    return present(shown_.back());
}

// ---- All of them ----

Result<std::shared_ptr<Execution>> Executions::begin(const Command& command, Call call, Random& random, Instant now) {
    make_room_for(call.from());
    if (all_.size() >= most) return std::unexpected{too_many};
    std::string id = random.token(18);
    auto made = std::make_shared<Execution>(id, command, std::move(call), now);
    all_.emplace(std::move(id), made);
    return made;
}

void Executions::make_room_for(const Jid& from) {
    std::size_t count = 0;
    const Execution* oldest = nullptr;
    for (const auto& [id, execution] : all_) {
        if (!execution->call.from().same_bare(from)) continue;
        ++count;
        if (!execution->busy && (oldest == nullptr || execution->used < oldest->used)) oldest = execution.get();
    }
    if (count >= most_of_one && oldest != nullptr) end(*oldest);
}

Result<std::shared_ptr<Execution>> Executions::find(const std::string& id, const Command& command, const Jid& from,
                                                    const Jid& to, Instant now) {
    const auto place = all_.find(id);
    if (place == all_.end()) {
        const bool was = std::ranges::find(ended_, hash_of(id)) != ended_.end();
        return std::unexpected{was ? xep::commands::session_expired : xep::commands::bad_sessionid};
    }
    Execution& found = *place->second;
    if (found.command != &command || found.call.from() != from || found.call.to() != to)
        return std::unexpected{xep::commands::bad_sessionid};
    if (found.busy) return std::unexpected{at_work};
    if (now - found.used > patience) {
        end(found);
        return std::unexpected{xep::commands::session_expired};
    }
    found.used = now;
    return place->second;
}

void Executions::end(const Execution& execution) {
    const std::string id = execution.id;
    if (all_.erase(id) == 0) return;
    ended_.push_back(hash_of(id));
    if (ended_.size() > remembered) ended_.pop_front();
}

void Executions::sweep(Instant now) {
    std::vector<std::shared_ptr<Execution>> late;
    for (const auto& [id, execution] : all_)
        if (!execution->busy && now - execution->used > patience) late.push_back(execution);
    for (const auto& execution : late) end(*execution);
}

}  // namespace aldis::modules::commands
