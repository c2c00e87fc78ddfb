#include "modules/mam/preferences.h"

#include <utility>

namespace aldis::modules::mam {
namespace {

using Stored = db::ArchivePreferences::Default;
using Told = xep::mam::Default;

std::vector<std::string> texts_of(const std::vector<Jid>& jids) {
    std::vector<std::string> texts;
    texts.reserve(jids.size());
    for (const Jid& jid : jids) texts.push_back(jid.text());
    return texts;
}

std::vector<Jid> jids_of(const std::vector<std::string>& texts) {
    std::vector<Jid> jids;
    jids.reserve(texts.size());
    for (const std::string& text : texts)
        if (Result<Jid> jid = Jid::parse(text)) jids.push_back(std::move(*jid));
    return jids;
}

Stored stored_form(Told told) {
    switch (told) {
        case Told::always: return Stored::always;
        case Told::never: return Stored::never;
        case Told::roster: return Stored::roster;
    }
    return Stored::always;
}

Told client_form(Stored stored) {
    switch (stored) {
        case Stored::always: return Told::always;
        case Stored::never: return Told::never;
        case Stored::roster: return Told::roster;
    }
    return Told::always;
}

}  // namespace

Result<db::ArchivePreferences> stored_form(const xep::mam::Prefs& prefs) {
    if (!prefs.otherwise) return refuse(Condition::bad_request, ErrorType::modify, "There must be a default.");
    if (prefs.always.size() > most_listed || prefs.never.size() > most_listed)
        return refuse(Condition::not_acceptable, ErrorType::modify, "Too many addresses.");
    return db::ArchivePreferences{
        .other = stored_form(*prefs.otherwise), .always = texts_of(prefs.always), .never = texts_of(prefs.never)};
}

xep::mam::Prefs client_form(const db::ArchivePreferences& preferences) {
    return {.otherwise = client_form(preferences.other),
            .always = jids_of(preferences.always),
            .never = jids_of(preferences.never)};
}

}  // namespace aldis::modules::mam
