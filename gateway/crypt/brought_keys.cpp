#include "gateway/crypt/brought_keys.h"

#include "gateway/crypt/autocrypt.h"

namespace siegel::crypt {
namespace {

using mail::Entity;

constexpr std::size_t parts_limit = 4;

void find_key_parts(const Entity& entity, std::vector<const Entity*>& found) {
  if (found.size() == parts_limit || entity.content_type.is("message", "rfc822")) return;
  if (entity.content_type.is("application", "pgp-keys")) found.push_back(&entity);
  for (const Entity& part : entity.parts) find_key_parts(part, found);
}

void leave_out(BroughtKeys& brought, const std::string& why) {
  if (brought.trouble.find(why) != std::string::npos) return;
  if (!brought.trouble.empty()) brought.trouble += "; ";
  brought.trouble += why;
}

void add(BroughtKeys& brought, std::string_view octets, const BroughtKey& like,
         const pki::Gpg& gpg) {
  pki::Gpg::Read read = gpg.read(octets, {});
  for (pki::OpenPgpKey& key : read.keys)
    brought.keys.push_back({std::move(key), like.way, like.prefers_encryption});
  const bool is_said = like.way == BroughtKey::Way::autocrypt;
  if (!read.trouble.empty())
    leave_out(brought, (is_said ? "field Autocrypt: " : "attached key: ") + read.trouble);
}

}  // namespace

void add_attached_keys(BroughtKeys& brought, const Entity& content, const pki::OpenPgpKeys& keys) {
  std::vector<const Entity*> parts;
  find_key_parts(content, parts);
  const pki::Gpg::KeyLimits limits;
  for (const Entity* const part : parts) {
    // Armour is a third larger than what it holds.
    if (part->body.size() > 2 * limits.octets) {
      leave_out(brought,
                "attached key: it is too large; ask its owner for one cut down to what "
                "nobody can do without");
      continue;
    }
    add(brought, part->decoded_body(), {}, keys.gpg());
  }
}

void add_autocrypt_key(BroughtKeys& brought, const Entity& top, const pki::OpenPgpKeys& keys) {
  const auto said = autocrypt::read(top);
  if (!said) return;
  add(brought, said->key, {{}, BroughtKey::Way::autocrypt, said->prefers_encryption}, keys.gpg());
}

}  // namespace siegel::crypt
