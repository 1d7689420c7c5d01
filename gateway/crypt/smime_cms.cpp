#include "gateway/crypt/smime_cms.h"

#include <algorithm>
#include <array>
#include <limits>

#include "gateway/crypt/smime.h"
#include "pki/secret.h"

namespace siegel::crypt::smime {

namespace {

// BIO_write counts in int.
constexpr std::size_t largest_write = std::numeric_limits<int>::max() / 2;

void write_all(BIO* to, std::string_view octets) {
  while (!octets.empty()) {
    const std::string_view piece = octets.substr(0, largest_write);
    const int written = BIO_write(to, piece.data(), static_cast<int>(piece.size()));
    pki::checked(written, "BIO_write into CMS");
    octets.remove_prefix(static_cast<std::size_t>(written));
  }
}

// The content BIO at the end of the chain belongs to whoever gave it; here OpenSSL made the whole
// chain for us, so all of it is ours.
using ChainHandle = pki::BioHandle;

// An identifier octet and a length (X.690 §8.1); `octets` moves on to the content.
struct Header {
  std::uint8_t tag = 0;
  bool indefinite = false;
  std::size_t length = 0;
};

std::optional<Header> take_header(std::string_view& octets) {
  const auto* start = reinterpret_cast<const unsigned char*>(octets.data());
  const unsigned char* at = start;
  long length = 0;
  int tag = 0, class_bits = 0;
  const int form =
      ASN1_get_object(&at, &length, &tag, &class_bits, static_cast<long>(octets.size()));
  // Bit 7 of the answer: the element is longer than the octets that are there.
  if ((form & 0x80) != 0 || tag > 30) return std::nullopt;
  octets.remove_prefix(static_cast<std::size_t>(at - start));
  return Header{static_cast<std::uint8_t>(class_bits | (form & V_ASN1_CONSTRUCTED) | tag),
                (form & 1) != 0, static_cast<std::size_t>(length)};
}

ContentKind kind_of(int nid) {
  switch (nid) {
    case NID_pkcs7_signed:
      return ContentKind::signed_data;
    case NID_pkcs7_enveloped:
      return ContentKind::enveloped;
    case NID_id_smime_ct_authEnvelopedData:
      return ContentKind::auth_enveloped;
    case NID_id_smime_ct_compressedData:
      return ContentKind::compressed;
    default:
      return ContentKind::other;
  }
}

}  // namespace

CmsHandle parse_cms(std::string_view octets, std::size_t limit) {
  if (octets.empty() || octets.size() > limit) return nullptr;
  const auto* at = reinterpret_cast<const unsigned char*>(octets.data());
  const auto* const end = at + octets.size();
  CmsHandle cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(octets.size())));
  // Octets behind the structure are read by one program and not by another.
  return at == end ? std::move(cms) : nullptr;
}

std::string der_of(CMS_ContentInfo* cms) {
  std::string der = pki::to_der(cms, i2d_CMS_ContentInfo);
  if (der.empty()) throw pki::openssl_error(Fault::ours, "i2d_CMS_ContentInfo");
  return der;
}

void fill(CMS_ContentInfo* cms, const Octets& entity) {
  const ChainHandle chain(pki::checked(CMS_dataInit(cms, nullptr), "CMS_dataInit"));
  for (const Blob& slice : entity.slices()) write_all(chain.get(), slice.view());
  pki::checked(static_cast<int>(BIO_flush(chain.get())), "BIO_flush of CMS");
  pki::checked(CMS_dataFinal(cms, chain.get()), "CMS_dataFinal");
}

int nid_of(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  return OBJ_obj2nid(object);
}

int nid_of_object(std::string_view content) {
  constexpr std::size_t longest_object = 64;  // one octet of length will do
  if (content.size() > longest_object) return NID_undef;
  std::string der{static_cast<char>(tag_object), static_cast<char>(content.size())};
  der += content;
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const Handle<ASN1_OBJECT, ASN1_OBJECT_free> object(
      d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(der.size())));
  return object ? OBJ_obj2nid(object.get()) : NID_undef;
}

std::string digest_of(std::string_view octets, int nid) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
  unsigned int size = 0;
  const EVP_MD* digest = EVP_get_digestbynid(nid);
  if (digest == nullptr ||
      EVP_Digest(octets.data(), octets.size(), value.data(), &size, digest, nullptr) != 1)
    return {};
  return {reinterpret_cast<const char*>(value.data()), size};
}

bool same_digest(std::string_view a, std::string_view b) {
  return !a.empty() && pki::are_same(a, b);
}

std::optional<Element> DerReader::next() {
  if (rest_.empty()) return std::nullopt;
  const auto header = take_header(rest_);
  if (!header || header->indefinite) return std::nullopt;
  const Element element{header->tag, rest_.substr(0, header->length)};
  rest_.remove_prefix(header->length);
  return element;
}

std::optional<Element> DerReader::next(std::uint8_t tag) {
  const auto element = next();
  return element && element->tag == tag ? element : std::nullopt;
}

// ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY } (RFC 5652
// §3)
ContentKind content_kind(std::string_view cms) {
  const QuietErrors quiet;
  const auto outer = take_header(cms);
  if (!outer || outer->tag != tag_sequence) return ContentKind::none;
  const auto type = take_header(cms);
  if (!type || type->tag != tag_object) return ContentKind::none;
  return kind_of(nid_of_object(cms.substr(0, type->length)));
}

}  // namespace siegel::crypt::smime
