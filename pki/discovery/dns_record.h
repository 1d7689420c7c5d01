#pragma once

#include <string>
#include <string_view>

#include "base/address.h"
#include "pki/discovery/place.h"

/// What stands in the DNS about an address: names and data of two kinds of records.
namespace siegel::pki::discovery {

inline constexpr int smimea_type = 53;      ///< RFC 8162 §8
inline constexpr int openpgpkey_type = 61;  ///< RFC 7929 §7

/// SHA-256 of the local part as it is written, its first 28 octets in hexadecimal, below
/// `_smimecert` (RFC 8162 §3) or `_openpgpkey` (RFC 7929 §3).
[[nodiscard]] std::string smimea_name(const Address& address);
[[nodiscard]] std::string openpgpkey_name(const Address& address);

/// The data of an SMIMEA record (RFC 8162 §2; as TLSA, RFC 6698 §2.1). Taken are whole certificates
/// of end entities: usages 1 and 3, selector 0, matching type 0. Whatever the usage says, our own
/// trust decides. All others, hashes among them, say nothing that we could encrypt to; what cannot
/// be read is said in `finds.trouble`.
void take_smimea(std::string_view data, Finds& finds);
/// The data of an OPENPGPKEY record (RFC 7929 §2.1): a transferable public key.
void take_openpgpkey(std::string_view data, Finds& finds);

}  // namespace siegel::pki::discovery
