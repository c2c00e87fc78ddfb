#include "sasl2.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdio>

#include "scanner.h"
#include "scram.h"
#include "stream_management.h"

namespace load {
namespace {

/// XEP-0388 "Initiation": a UUID of version 4, always the same for a client.
std::string user_agent_id(unsigned client) {
    char text[40];
    std::snprintf(text, sizeof text, "10ad10ad-0000-4000-8000-%012x", client);
    return text;
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
    std::string result(32, '\0');
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
         text.size(), reinterpret_cast<unsigned char*>(result.data()), nullptr);
    return result;
}

}  // namespace

std::string to_xml(const Sasl2Request& request) {
    std::string xml = "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='" + request.mechanism + "'><initial-response>" +
                      to_base64(request.initial_response) + "</initial-response><user-agent id='" +
                      user_agent_id(request.client) + "'><software>xmpp_load</software></user-agent>" + request.resume +
                      "<bind xmlns='urn:xmpp:bind:0'><tag>load</tag>";
    if (request.manage) xml += StreamManagement::enable;
    xml += "</bind>";
    if (request.wants_token)
        xml += "<request-token xmlns='urn:xmpp:fast:0' mechanism='" + std::string{fast_mechanism} + "'/>";
    if (request.with_token) xml += "<fast xmlns='urn:xmpp:fast:0'/>";
    return xml + "</authenticate>";
}

Sasl2Success parse_success(std::string_view element) {
    Sasl2Success success;
    success.additional_data = from_base64(text_of(element, "additional-data")).value_or("");
    success.jid = text_of(element, "authorization-identifier");
    success.token = attribute(tag_of(element, "token"), "token");
    success.enabled = tag_of(element, "enabled");
    success.resumed = tag_of(element, "resumed");
    success.failed = tag_of(element, "failed");
    return success;
}

std::string fast_response(const std::string& user, std::string_view token) {
    return user + '\0' + hmac_sha256(token, "Initiator");
}

bool fast_accepts(std::string_view token, std::string_view additional_data) {
    return additional_data == hmac_sha256(token, "Responder");
}

}  // namespace load
