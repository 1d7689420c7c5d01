#include <algorithm>
#include <array>

#include <openssl/crypto.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/crypt/smime.h"
#include "gateway/crypt/smime_cms.h"
#include "pki/recipient_id.h"

namespace siegel::crypt::smime {

namespace {

using policy::Status;

// A list of recipients of one message; each costs a look-up.
constexpr std::size_t max_lookups = 500;

Decrypted failed(Status status, std::string reason) {
  Decrypted result;
  result.layer.form = policy::Form::encryption;
  result.layer.status = status;
  result.layer.reason = std::move(reason);
  result.layer.authenticated = false;
  return result;
}

// whatever went wrong once a key of ours was in play, it is told in these words and no
// others.
Decrypted damaged() {
  return failed(Status::bad, "the message could not be decrypted: it was damaged or altered");
}

Decrypted unsupported() {
  return failed(Status::malformed, "the kind of encryption is not supported");
}

// A RecipientInfo that names a certificate of ours.
struct Match {
  CMS_RecipientInfo* info = nullptr;
  CMS_RecipientEncryptedKey* agreed = nullptr;  // for key agreement: which of its keys
  pki::DecryptionKey key;
};

// All matches of a message.
class Matches {
 public:
  Matches(CMS_ContentInfo* cms, const pki::Keys& keys) : keys_(keys) {
    STACK_OF(CMS_RecipientInfo)* const infos = CMS_get0_RecipientInfos(cms);
    for (int i = 0; i < sk_CMS_RecipientInfo_num(infos); ++i)
      look_at(sk_CMS_RecipientInfo_value(infos, i));
  }
  [[nodiscard]] const std::vector<Match>& found() const noexcept { return found_; }

 private:
  void look_at(CMS_RecipientInfo* info);
  void look_at_agreement(CMS_RecipientInfo* info);
  std::optional<pki::DecryptionKey> look_up(const pki::RecipientId& id);

  const pki::Keys& keys_;
  std::size_t lookups_ = 0;
  std::vector<Match> found_;
};

std::optional<pki::RecipientId> id_of(const ASN1_OCTET_STRING* key_id, const X509_NAME* issuer,
                                      const ASN1_INTEGER* serial) {
  if (key_id != nullptr) return pki::subject_key_id(key_id);
  if (issuer != nullptr && serial != nullptr) return pki::issuer_and_serial(issuer, serial);
  return std::nullopt;
}

std::optional<pki::DecryptionKey> Matches::look_up(const pki::RecipientId& id) {
  return ++lookups_ > max_lookups ? std::nullopt : keys_.decryptor(id);
}

void Matches::look_at(CMS_RecipientInfo* info) {
  if (CMS_RecipientInfo_type(info) == CMS_RECIPINFO_AGREE) return look_at_agreement(info);
  // Passwords and shared keys (RFC 5652 §6.2.3, §6.2.4) are none of ours.
  if (CMS_RecipientInfo_type(info) != CMS_RECIPINFO_TRANS) return;
  ASN1_OCTET_STRING* key_id = nullptr;
  X509_NAME* issuer = nullptr;
  ASN1_INTEGER* serial = nullptr;
  if (CMS_RecipientInfo_ktri_get0_signer_id(info, &key_id, &issuer, &serial) != 1) return;
  const auto id = id_of(key_id, issuer, serial);
  auto key = id ? look_up(*id) : std::nullopt;
  if (key && CMS_RecipientInfo_ktri_cert_cmp(info, key->certificate.x509()) == 0)
    found_.push_back({info, nullptr, std::move(*key)});
}

void Matches::look_at_agreement(CMS_RecipientInfo* info) {
  STACK_OF(CMS_RecipientEncryptedKey)* const all = CMS_RecipientInfo_kari_get0_reks(info);
  for (int i = 0; i < sk_CMS_RecipientEncryptedKey_num(all); ++i) {
    CMS_RecipientEncryptedKey* const one = sk_CMS_RecipientEncryptedKey_value(all, i);
    ASN1_OCTET_STRING* key_id = nullptr;
    X509_NAME* issuer = nullptr;
    ASN1_INTEGER* serial = nullptr;
    if (CMS_RecipientEncryptedKey_get0_id(one, &key_id, nullptr, nullptr, &issuer, &serial) != 1)
      continue;
    const auto id = id_of(key_id, issuer, serial);
    auto key = id ? look_up(*id) : std::nullopt;
    if (key && CMS_RecipientEncryptedKey_cert_cmp(one, key->certificate.x509()) == 0)
      found_.push_back({info, one, std::move(*key)});
  }
}

bool transport(CMS_ContentInfo* cms, const Match& match) {
  EVP_PKEY_up_ref(match.key.key.get());  // the RecipientInfo takes one over
  if (CMS_RecipientInfo_set0_pkey(match.info, match.key.key.get()) != 1) return false;
  const int opened = CMS_RecipientInfo_decrypt(cms, match.info);
  CMS_RecipientInfo_set0_pkey(match.info, nullptr);
  return opened == 1;
}

bool agree(CMS_ContentInfo* cms, const Match& match) {
  if (CMS_RecipientInfo_kari_set0_pkey(match.info, match.key.key.get()) != 1) return false;
  const int opened = CMS_RecipientInfo_kari_decrypt(cms, match.info, match.agreed);
  CMS_RecipientInfo_kari_set0_pkey(match.info, nullptr);
  return opened == 1;
}

// A token that does not answer says nothing of the message: it must not count as damaged. Nothing
// that stands in the message changes this answer.
void demand_tokens(const std::vector<Match>& matches) {
  for (const Match& match : matches) match.key.key.demand_ready();
}

// Gives the content key to `cms`. Each key is pointed at the RecipientInfo that names its
// certificate: CMS_decrypt() would try, and hide failures behind a random key whose garbage may by
// chance look right (STANDARDS §0.4).
bool open_key(CMS_ContentInfo* cms, const std::vector<Match>& matches) {
  return std::any_of(matches.begin(), matches.end(), [cms](const Match& match) {
    return match.agreed != nullptr ? agree(cms, match) : transport(cms, match);
  });
}

// STANDARDS §2.1: what we accept as content encryption. GCM stands in AuthEnvelopedData only, CBC
// in EnvelopedData only.
struct Cipher {
  int nid;
  ContentKind kind;
  std::string_view name;
};
constexpr std::array accepted_ciphers{
    Cipher{NID_aes_256_gcm, ContentKind::auth_enveloped, "AES-256-GCM"},
    Cipher{NID_aes_192_gcm, ContentKind::auth_enveloped, "AES-192-GCM"},
    Cipher{NID_aes_128_gcm, ContentKind::auth_enveloped, "AES-128-GCM"},
    Cipher{NID_aes_256_cbc, ContentKind::enveloped, "AES-256-CBC"},
    Cipher{NID_aes_192_cbc, ContentKind::enveloped, "AES-192-CBC"},
    Cipher{NID_aes_128_cbc, ContentKind::enveloped, "AES-128-CBC"},
    Cipher{NID_des_ede3_cbc, ContentKind::enveloped, "3DES-CBC"},
};

const Cipher* accepted_cipher(const EVP_CIPHER_CTX* context, ContentKind kind) {
  // RFC 5084 §3.2: shorter authentication tags than 12 octets are not allowed; they can be guessed.
  constexpr int shortest_tag = 12;
  if (kind == ContentKind::auth_enveloped && EVP_CIPHER_CTX_get_tag_length(context) < shortest_tag)
    return nullptr;
  const int nid = EVP_CIPHER_CTX_get_nid(context);
  const auto* const at =
      std::find_if(accepted_ciphers.begin(), accepted_ciphers.end(),
                   [&](const Cipher& cipher) { return cipher.nid == nid && cipher.kind == kind; });
  return at == accepted_ciphers.end() ? nullptr : at;
}

// All that the cipher gives, or nothing unless its end is right.
std::optional<std::string> read_content(BIO* chain, std::size_t encrypted_octets) {
  constexpr std::size_t room_for_a_block = 64;
  std::string content(encrypted_octets + room_for_a_block, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const std::size_t room = std::min<std::size_t>(content.size() - size, std::size_t{1} << 30U);
    const int got = BIO_read(chain, content.data() + size, static_cast<int>(room));
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  BIO* const cipher = BIO_find_type(chain, BIO_TYPE_CIPHER);
  if (size == content.size() || BIO_get_cipher_status(cipher) <= 0) {
    OPENSSL_cleanse(content.data(), content.size());
    return std::nullopt;
  }
  content.resize(size);
  return content;
}

// RFC 2045 §5.2: an entity without any field is plain text.
bool is_plain_text(std::string_view content) {
  const auto is_text = [](char c) {
    return !ascii::is_control(c) || c == '\t' || c == '\r' || c == '\n';
  };
  return is_utf8(content) && std::ranges::all_of(content, is_text);
}

// what CBC gives back under a wrong or stolen key may end in right padding by chance;
// it does not begin as a MIME entity does (RFC 8551 §3.1), with a field or an empty line.
bool begins_as_entity(std::string_view content) {
  const std::string_view line = content.substr(0, content.find('\n'));
  if (line.size() == content.size()) return false;
  if (line.empty() || line == "\r") return is_plain_text(content);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon < 2) return false;
  // RFC 5322 §2.2: a field's name is of printable characters.
  const auto is_name = [](char c) {
    return !ascii::is_control(c) && !ascii::is_8bit(c) && c != ' ';
  };
  const auto is_text = [](char c) { return !ascii::is_control(c) || c == '\t' || c == '\r'; };
  return std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon), is_name) &&
         std::all_of(line.begin(), line.end(), is_text);
}

enum class Key { opened, withheld };

// If no key could be opened, the same work is done with a random one, so that the time does not
// tell which step failed.
Decrypted open_content(CMS_ContentInfo* cms, ContentKind kind, Key key) {
  ASN1_OCTET_STRING** const encrypted = CMS_get0_content(cms);
  if (encrypted == nullptr || *encrypted == nullptr) return unsupported();
  const pki::BioHandle chain(CMS_dataInit(cms, nullptr));
  if (!chain) return unsupported();
  EVP_CIPHER_CTX* context = nullptr;
  BIO_get_cipher_ctx(BIO_find_type(chain.get(), BIO_TYPE_CIPHER), &context);
  const Cipher* cipher = context != nullptr ? accepted_cipher(context, kind) : nullptr;
  if (cipher == nullptr) return unsupported();
  auto content = read_content(chain.get(), octets_of(*encrypted).size());
  const bool authenticated = kind == ContentKind::auth_enveloped;
  if (!content || key == Key::withheld || (!authenticated && !begins_as_entity(*content)))
    return damaged();
  Decrypted result;
  result.layer.form = policy::Form::encryption;
  result.layer.status = Status::good;
  result.layer.algorithm = cipher->name;
  result.layer.authenticated = authenticated;
  if (!authenticated) result.layer.reason = "the encryption does not protect against alteration";
  result.content = std::move(*content);
  return result;
}

}  // namespace

Decrypted decrypt(std::string_view cms, const pki::Keys& keys) {
  const QuietErrors quiet;
  const CmsHandle parsed = parse_cms(cms, max_content_octets);
  const ContentKind kind = parsed ? content_kind(cms) : ContentKind::none;
  if (kind != ContentKind::enveloped && kind != ContentKind::auth_enveloped)
    return failed(Status::malformed, "the encrypted message cannot be read");
  const Matches matches(parsed.get(), keys);
  if (matches.found().empty())
    return failed(Status::no_key, "the message is not encrypted to a key of ours");
  const Key key = open_key(parsed.get(), matches.found()) ? Key::opened : Key::withheld;
  if (key == Key::withheld) demand_tokens(matches.found());
  return open_content(parsed.get(), kind, key);
}

}  // namespace siegel::crypt::smime
