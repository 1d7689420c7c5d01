#include "gateway/crypt/transform_wrap.h"

#include <fmt/format.h>

#include "base/error.h"
#include "gateway/crypt/inspect_content.h"
#include "gateway/crypt/inspect_wrapping.h"
#include "gateway/crypt/smime.h"
#include "gateway/mail/compose.h"

namespace siegel::crypt {
namespace {

constexpr std::string_view preamble = "This is a cryptographically signed message in MIME format.";

std::vector<std::string_view> views(const Octets& octets) {
  std::vector<std::string_view> result;
  for (const Blob& slice : octets.slices()) result.push_back(slice.view());
  return result;
}

/// A base64 part with the file names that RFC 8551 §3.2.1 wants.
std::string base64_part(std::string_view content_type, std::string_view file_name,
                        std::string_view octets) {
  const std::string type =
      fmt::format("{}; {}", content_type, mail::make_parameter("name", file_name));
  const std::string disposition =
      fmt::format("attachment; {}", mail::make_parameter("filename", file_name));
  return mail::make_structured_field("Content-Type", type) +
         mail::make_structured_field("Content-Transfer-Encoding", "base64") +
         mail::make_structured_field("Content-Disposition", disposition) + "\r\n" +
         mail::to_base64_lines(octets);
}

std::optional<mail::Message> content_of_detached(const mail::Message& message) {
  const mail::Entity& top = message.top();
  if (top.parts.size() != 2) return std::nullopt;
  return mail::Message::parse(message.slice(top.parts.front().octets));
}

}  // namespace

Octets clearly_signed(const Octets& entity, const pki::SigningKey& key, Time now) {
  const std::string signature = smime::sign_detached(entity, key, now);
  const std::string boundary = mail::make_boundary(views(entity));
  const std::string type = fmt::format(
      "multipart/signed; protocol=\"application/pkcs7-signature\"; micalg={}; boundary=\"{}\"",
      smime::micalg(key), boundary);
  Octets result;
  result.append(fmt::format("{}\r\n{}\r\n\r\n--{}\r\n",
                            mail::make_structured_field("Content-Type", type), preamble, boundary));
  result.append(entity);
  // RFC 2046 §5.1.1: the CRLF in front of a delimiter belongs to it, not to the signed part.
  result.append(fmt::format("\r\n--{}\r\n{}--{}--\r\n", boundary,
                            base64_part("application/pkcs7-signature", "smime.p7s", signature),
                            boundary));
  return result;
}

Octets opaquely_signed(const Octets& entity, const pki::SigningKey& key, Time now) {
  return Octets(Blob(base64_part("application/pkcs7-mime; smime-type=signed-data", "smime.p7m",
                                 smime::sign_opaque(entity, key, now))));
}

Octets encrypted(const Octets& entity, const std::vector<pki::PeerKey>& recipients,
                 const std::optional<pki::Certificate>& own_copy) {
  const smime::Enveloped enveloped = smime::encrypt(entity, recipients, own_copy);
  const std::string_view kind = enveloped.authenticated ? "authEnveloped-data" : "enveloped-data";
  return Octets(Blob(base64_part(fmt::format("application/pkcs7-mime; smime-type={}", kind),
                                 "smime.p7m", enveloped.der)));
}

std::optional<mail::Message> content_of_opaque(const mail::Entity& signature) {
  const std::string cms = signature.decoded_body();
  if (smime::content_kind(cms) != smime::ContentKind::signed_data) return std::nullopt;
  const pki::Trust nobody({});
  smime::Verified verified = smime::verify_opaque(cms, nobody, config::SmimeSettings{}, Time{});
  if (verified.content.empty()) return std::nullopt;
  return mail::Message::parse(Blob(std::move(verified.content)));
}

mail::Message without_signature(const mail::Message& message) {
  const Wrapping wrapping = wrapping_of(message.top());
  std::optional<mail::Message> content;
  if (wrapping == Wrapping::smime_detached || wrapping == Wrapping::openpgp_signed) {
    content = content_of_detached(message);
  } else if (wrapping == Wrapping::smime_cms || wrapping == Wrapping::smime_file) {
    content = content_of_opaque(message.top());
  } else {
    return message;
  }
  if (!content) {
    throw Error(
        Fault::peer,
        "The signature of the mail program cannot be replaced, because the message does not fit "
        "it; send the message again, or without a signature.");
  }
  return mail::Message::parse(with_content(message, *content).join());
}

}  // namespace siegel::crypt
