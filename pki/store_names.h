#pragma once

#include <string_view>

#include "pki/store.h"

/// The words by which the database knows our enumerations. They are part of the format: a word that
/// was released is never given another meaning.
namespace siegel::pki {

[[nodiscard]] std::string_view name(CertificateUse use) noexcept;
[[nodiscard]] CertificateUse parse_use(std::string_view word);

[[nodiscard]] std::string_view name(config::RevocationMode mode) noexcept;
[[nodiscard]] config::RevocationMode parse_revocation(std::string_view word);

/// Of the words of provenance.h.
[[nodiscard]] Provenance parse_provenance(std::string_view word);

/// The address with its local part in lower case: by it rows and entries are found whatever their
/// case (STANDARDS §2.7.4); whether another case is good enough is decided by the settings.
[[nodiscard]] std::string folded(const Address& address);

}  // namespace siegel::pki
