#include "tests/crypt/openpgp_post.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "gateway/crypt/inspect_opened.h"
#include "gateway/mail/compose.h"
#include "tests/crypt/command.h"
#include "tests/support/files.h"

namespace siegel::tests {

Time now() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

// --- the others

GpgHome::GpgHome() {
  std::filesystem::permissions(folder_.path(), std::filesystem::perms::owner_all);
}

GpgHome::~GpgHome() {
  tests::run({"gpgconf", "--homedir", folder_.path().string(), "--kill", "all"});
}

std::vector<std::string> GpgHome::command(std::vector<std::string> words) const {
  std::vector<std::string> all{
      "gpg",           "--homedir", folder_.path().string(), "--batch",  "--no-tty",     "--quiet",
      "--trust-model", "always",    "--pinentry-mode",       "loopback", "--passphrase", ""};
  std::ranges::move(words, std::back_inserter(all));
  return all;
}

void GpgHome::run(std::vector<std::string> words) const {
  const Answer answer = tests::run(command(std::move(words)));
  if (answer.exit_code != 0) throw std::runtime_error("gpg: " + answer.text);
}

std::string GpgHome::make(std::vector<std::string> words, const std::string& input) const {
  const TemporaryDirectory files;
  write_file(files / "in", input);
  words.insert(words.begin(), {"--yes", "--output", (files / "out").string()});
  words.push_back((files / "in").string());
  run(std::move(words));
  return read_file(files / "out");
}

void GpgHome::new_key(const std::string& user_id, const std::vector<std::string>& more) const {
  std::vector<std::string> words = more;
  words.insert(words.end(), {"--quick-generate-key", user_id, "future-default", "default"});
  words.push_back(std::ranges::find(more, "--faked-system-time") == more.end() ? "never" : "1y");
  run(std::move(words));
}

void GpgHome::import(const pki::OpenPgpKey& key) const {
  const TemporaryDirectory files;
  write_file(files / "key", key.octets);
  run({"--import", (files / "key").string()});
}

void GpgHome::revoke(const std::string& user) const {
  const pki::OpenPgpKey key = HandOpenPgpKeys().read(exported(user));
  const auto file = folder_ / "openpgp-revocs.d" / (key.fingerprint() + ".rev");
  std::string text = read_file(file);
  text.erase(text.find(":-----BEGIN"), 1);  // so that nobody revokes by accident
  write_file(folder_ / "revocation", text);
  run({"--import", (folder_ / "revocation").string()});
}

std::string GpgHome::exported(const std::string& user) const {
  const TemporaryDirectory files;
  run({"--output", (files / "key").string(), "--export", user});
  return read_file(files / "key");
}

std::string GpgHome::signature(const std::string& entity,
                               const std::vector<std::string>& words) const {
  std::vector<std::string> all = words;
  all.insert(all.end(), {"--armor", "--detach-sign"});
  return make(std::move(all), entity);
}

const GpgHome& annas_home() {
  static const GpgHome home;
  static const bool is_made = [] {
    home.new_key(anna_id);
    home.new_key(mallory_id);
    return true;
  }();
  return is_made ? home : throw std::logic_error("no keys");
}

// --- the gateway

HandOpenPgpKeys::HandOpenPgpKeys(std::uint64_t plaintext_octets)
    : gpg_({.directory = folder_ / "gpg", .processes = 2, .plaintext_octets = plaintext_octets},
           {[this](const std::string& id) { return find(id); }, [this] { return ids(); }}) {}

const pki::OpenPgpKey& HandOpenPgpKeys::own(const std::string& mailbox) {
  const Address address = *Address::parse(mailbox);
  return own_
      .emplace(address,
               gpg_.make(address, "Amt", pki::Gpg::Kind::curve25519, std::chrono::hours(24 * 365)))
      .first->second.key;
}

void HandOpenPgpKeys::know(const std::string& address, const std::string& key,
                           pki::Provenance provenance) {
  usable_.push_back({*Address::parse(address), read(key), provenance, false, now()});
}

void HandOpenPgpKeys::suspect(const std::string& address, const std::string& key) {
  pending_.push_back(
      {*Address::parse(address), read(key), pki::Provenance::harvested, false, now()});
}

pki::OpenPgpKey HandOpenPgpKeys::read(const std::string& octets) const {
  return gpg_.read(octets, {}).keys.at(0);
}

std::optional<pki::Secret> HandOpenPgpKeys::find(const std::string& id) const {
  ++secrets_asked_;
  for (const auto& [address, pair] : own_) {
    if (pair.key.holds(id)) return pki::Secret(std::string(pair.secret.octets()));
  }
  return std::nullopt;
}

std::vector<std::string> HandOpenPgpKeys::ids() const {
  std::vector<std::string> all;
  for (const auto& [address, pair] : own_) all.push_back(pair.key.fingerprint());
  return all;
}

std::optional<pki::OpenPgpKey> HandOpenPgpKeys::signer(const Address& mailbox, Time) const {
  const auto found = own_.find(mailbox);
  return found == own_.end() ? std::nullopt : std::optional(found->second.key);
}

std::optional<pki::OpenPgpKey> HandOpenPgpKeys::own_encryption(const Address& mailbox,
                                                               Time at) const {
  return signer(mailbox, at);
}

std::vector<pki::OpenPgpPeer> HandOpenPgpKeys::peers(const Address& address, Time at) const {
  std::vector<pki::OpenPgpPeer> found;
  for (const pki::OpenPgpPeer& each : usable_) {
    const bool is_theirs = each.address == address || each.address == pki::domain_wide(address);
    if (is_theirs && each.key.encrypting(at) != nullptr) found.push_back(each);
  }
  return found;
}

std::vector<pki::OpenPgpPeer> HandOpenPgpKeys::known(const Address& address) const {
  std::vector<pki::OpenPgpPeer> found;
  for (const auto* list : {&usable_, &pending_}) {
    for (const pki::OpenPgpPeer& each : *list) {
      if (each.address == address || each.address == pki::domain_wide(address))
        found.push_back(each);
    }
  }
  return found;
}

OpenPgpDesk::OpenPgpDesk() : desk(present().material()) {
  keys.own("bauamt@stadt.example");
  desk.keys.use(keys);
  // Keys that a test makes meanwhile have begun by then.
  desk.at = now() + std::chrono::hours(1);
}

// --- entities

std::string pgp_mime_signed(const std::string& entity, const std::string& signature) {
  return "Content-Type: multipart/signed; protocol=\"application/pgp-signature\";\r\n"
         " micalg=pgp-sha512; boundary=\"sig\"\r\n\r\n--sig\r\n" +
         entity +
         "\r\n--sig\r\nContent-Type: application/pgp-signature; name=\"signature.asc\"\r\n\r\n" +
         crypt::with_crlf(signature) + "\r\n--sig--\r\n";
}

std::string signed_by_anna(const std::string& entity, const std::vector<std::string>& more) {
  std::vector<std::string> words = more;
  words.insert(words.end(), {"--local-user", anna_id});
  return pgp_mime_signed(entity, annas_home().signature(entity, words));
}

std::string pgp_mime_encrypted(const std::string& armoured) {
  return "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n"
         " boundary=\"enc\"\r\n\r\n--enc\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
         "Version: 1\r\n\r\n--enc\r\nContent-Type: application/octet-stream; "
         "name=\"encrypted.asc\"\r\n\r\n" +
         crypt::with_crlf(armoured) + "\r\n--enc--\r\n";
}

std::string key_part(const std::string& key) {
  return "Content-Type: application/pgp-keys; name=\"OpenPGP_0x1.asc\"\r\n"
         "Content-Transfer-Encoding: base64\r\n\r\n" +
         mail::to_base64_lines(key);
}

}  // namespace siegel::tests
