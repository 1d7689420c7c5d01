#include "tests/crypt/post.h"

#include <fmt/format.h>
#include <openssl/pkcs7.h>

#include "gateway/crypt/transform_wrap.h"
#include "gateway/mail/compose.h"
#include "pki/recipient_id.h"

namespace siegel::tests {

std::string text_of(const Octets& octets) {
  return std::string(octets.join().view());
}

mail::Message parsed(const std::string& text) {
  return mail::Message::parse(Blob(text));
}

std::string signed_by(const Party& party, const std::string& entity) {
  return text_of(crypt::clearly_signed(octets(entity), party.signer(), noon()));
}

std::string opaquely_signed_by(const Party& party, const std::string& entity) {
  return text_of(crypt::opaquely_signed(octets(entity), party.signer(), noon()));
}

std::string multipart_signed(const std::string& entity, const std::string& cms,
                             const std::string& preamble, const std::string& epilogue) {
  return "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n"
         " micalg=sha-256; boundary=\"sig\"\r\n\r\n" +
         preamble + "\r\n--sig\r\n" + entity +
         "\r\n--sig\r\nContent-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
         "Content-Transfer-Encoding: base64\r\n\r\n" +
         mail::to_base64_lines(cms) + "\r\n--sig--\r\n" + epilogue;
}

std::string pkcs7_mime(const std::string& cms, const std::string& smime_type) {
  return fmt::format(
      "Content-Type: application/pkcs7-mime; smime-type={}; name=\"smime.p7m\"\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n{}",
      smime_type, mail::to_base64_lines(cms));
}

std::string certificates_only(const Party& party) {
  const Handle<PKCS7, PKCS7_free> bag(PKCS7_new());
  pki::checked(PKCS7_set_type(bag.get(), NID_pkcs7_signed), "PKCS7_set_type");
  pki::checked(PKCS7_content_new(bag.get(), NID_pkcs7_data), "PKCS7_content_new");
  pki::checked(PKCS7_add_certificate(bag.get(), party.certificate.x509()), "PKCS7_add_certificate");
  const pki::BioHandle out = pki::growing_bio();
  pki::checked(i2d_PKCS7_bio(out.get(), bag.get()), "i2d_PKCS7_bio");
  return pki::octets_of(out);
}

std::string encrypted_to(const Party& party, const std::string& entity, bool authenticated) {
  const pki::Capabilities capabilities{.aes_gcm = authenticated, .rsa_oaep = false};
  return text_of(crypt::encrypted(octets(entity), {party.peer(capabilities)}, std::nullopt));
}

std::string mixed(const std::vector<std::string>& parts) {
  std::size_t size = 0;
  for (const std::string& part : parts) size += part.size();
  // Nested ones are smaller, so that no boundary is found inside another.
  const std::string boundary = fmt::format("mix{}m", size);
  std::string text = "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n";
  for (const std::string& part : parts) text += "--" + boundary + "\r\n" + part + "\r\n";
  return text + "--" + boundary + "--\r\n";
}

std::string attached(const std::string& message) {
  return "Content-Type: message/rfc822\r\n\r\n" + message;
}

std::string letter_from(const std::string& from, const std::string& entity,
                        const std::string& more_fields) {
  return "From: " + from +
         "\r\nTo: bauamt@stadt.example\r\nSubject: Antrag\r\n"
         "Date: Mon, 01 Jun 2026 14:00:00 +0200\r\nMessage-ID: <1@buerger.example>\r\n"
         "MIME-Version: 1.0\r\n" +
         more_fields + entity;
}

std::optional<pki::DecryptionKey> HandKeys::decryptor(const pki::RecipientId& id) const {
  ++times_asked_;
  for (const pki::DecryptionKey& key : held_) {
    if (pki::names(id, key.certificate)) return key;
  }
  return std::nullopt;
}

const Party& anna() {
  static const Party party = world().person(anna_address);
  return party;
}

const Party& bauamt() {
  static const Party party = world().person("bauamt@stadt.example", pki::KeyType::rsa_3072);
  return party;
}

const pki::LocalCa& stranger_authority() {
  static const auto authority =
      pki::LocalCa::make("Fremd", "Fremde Wurzel", pki::KeyType::p256, noon() - one_day);
  return authority;
}

const pki::LocalCa& stranger_office() {
  static const auto office =
      stranger_authority().subordinate("Fremdes Amt", pki::KeyType::p256, noon() - one_day);
  return office;
}

Party stranger(const std::string& mail) {
  const auto key = pki::PrivateKey::generate(pki::KeyType::p256);
  const auto certificate = stranger_office().issue(
      {"Fremder", {mail}, pki::Usage::both, noon() - one_day, noon() + 100 * one_day}, key);
  return {*Address::parse(anna_address), key, certificate, {stranger_office().certificate()}};
}

Party certified_for(const std::vector<std::string>& addresses) {
  const auto& key = shared_key(pki::KeyType::p256);
  const pki::Issue issue{"Amt", addresses, pki::Usage::both, noon() - one_day,
                         noon() + 100 * one_day};
  return {*Address::parse(anna_address),
          key,
          world().office().issue(issue, key),
          {world().office().certificate()}};
}

std::string remarks(const policy::Verdict& verdict) {
  std::string text;
  for (const policy::Layer& layer : verdict.layers) text += layer.reason + '\n';
  for (const std::string& note : verdict.notes) text += note + '\n';
  return text;
}

}  // namespace siegel::tests
