#include "pki/certificate_urls.h"

#include <algorithm>

#include <openssl/x509v3.h>

#include "base/ascii.h"
#include "pki/asn1.h"
#include "pki/openssl.h"

namespace siegel::pki {
namespace {

constexpr std::size_t urls_limit = 3;
constexpr std::size_t url_limit = 1000;

using Access = Handle<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free>;
using Points = Handle<CRL_DIST_POINTS, CRL_DIST_POINTS_free>;

void take(const GENERAL_NAME* name, std::vector<std::string>& urls) {
  if (name->type != GEN_URI || urls.size() >= urls_limit) return;
  const std::string_view url = octets_of(name->d.uniformResourceIdentifier);
  const bool is_plain = !url.empty() && url.size() <= url_limit &&
                        std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7F'; });
  if (is_plain && std::ranges::find(urls, url) == urls.end()) urls.emplace_back(url);
}

}  // namespace

std::vector<std::string> responder_urls(const Certificate& certificate) {
  std::vector<std::string> urls;
  const Access access(static_cast<AUTHORITY_INFO_ACCESS*>(
      X509_get_ext_d2i(certificate.x509(), NID_info_access, nullptr, nullptr)));
  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
    const ACCESS_DESCRIPTION* each = sk_ACCESS_DESCRIPTION_value(access.get(), i);
    if (OBJ_obj2nid(each->method) == NID_ad_OCSP) take(each->location, urls);  // no other
  }
  static_cast<void>(drain_openssl_errors());
  return urls;
}

std::vector<std::string> list_urls(const Certificate& certificate) {
  std::vector<std::string> urls;
  const Points points(static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate.x509(), NID_crl_distribution_points, nullptr, nullptr)));
  for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    const bool is_full_name = point->distpoint != nullptr && point->distpoint->type == 0;
    if (!is_full_name || point->reasons != nullptr || point->CRLissuer != nullptr) continue;
    const GENERAL_NAMES* names = point->distpoint->name.fullname;
    for (int k = 0; k < sk_GENERAL_NAME_num(names); ++k)
      take(sk_GENERAL_NAME_value(names, k), urls);
  }
  static_cast<void>(drain_openssl_errors());
  return urls;
}

}  // namespace siegel::pki
