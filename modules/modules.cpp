#include "modules/modules.h"

namespace aldis::modules {

extern const mod::Info administration_info, avatars_info, blocking_info, bookmarks_info, caps_info, carbons_info,
    client_access_info, client_certificates_info, commands_info, contact_addresses_info, csi_info, data_policy_info,
    disco_info, displayed_sync_info, entity_time_info, inbox_info, last_activity_info, mam_info, message_status_info,
    notify_caps_info, offline_info, ping_info, private_storage_info, pubsub_info, quarantine_info, registration_info,
    repeats_info, reports_info, retention_info, roster_info, search_info, software_version_info, stream_limits_info,
    vcard4_info, vcard_info;

namespace {

const mod::Info* const all_modules[] = {
    &administration_info,
    &avatars_info,
    &blocking_info,
    &bookmarks_info,
    &caps_info,
    &carbons_info,
    &client_access_info,
    &client_certificates_info,
    &commands_info,
    &contact_addresses_info,
    &csi_info,
    &data_policy_info,
    &disco_info,
    &displayed_sync_info,
    &entity_time_info,
    &inbox_info,
    &last_activity_info,
    &mam_info,
    &message_status_info,
    &notify_caps_info,
    &offline_info,
    &ping_info,
    &private_storage_info,
    &pubsub_info,
    &quarantine_info,
    &registration_info,
    &repeats_info,
    &reports_info,
    &retention_info,
    &roster_info,
    &search_info,
    &software_version_info,
    &stream_limits_info,
    &vcard4_info,
    &vcard_info,
};

}  // namespace

std::span<const mod::Info* const> all() { return all_modules; }

std::vector<config::ModuleSchema> schemas() {
    std::vector<config::ModuleSchema> found;
    for (const mod::Info* const info : all_modules)
        found.push_back({.name = info->name, .doc = info->summary, .schema = info->config});
    return found;
}

}  // namespace aldis::modules
