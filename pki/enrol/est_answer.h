#pragma once

#include <string>

#include "pki/enrol/authority.h"
#include "pki/enrol/est.h"
#include "pki/enrol/http.h"

/// What the answers of an EST server mean.
namespace siegel::pki::enrol {

/// The answer to a request for `key` by `operation` ("simpleenroll"), which came at `now`. A
/// certificate for another key is never Issued.
[[nodiscard]] Answer understand_enrolment(const HttpAnswer& answer, const PrivateKey& key,
                                          const std::string& operation, Time now);

/// The answer to cacerts.
[[nodiscard]] Est::Authorities understand_authorities(const HttpAnswer& answer);

}  // namespace siegel::pki::enrol
