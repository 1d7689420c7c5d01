#pragma once

#include <string_view>

#include "pki/ocsp.h"

/// The certificates that the seeds of the fuzz target `ocsp` are about. Made for it by openssl;
/// they protect nothing.
namespace siegel::fuzz {

inline const Time seeds_were_made = from_unix(1'795'329'300);

constexpr std::string_view issuer = R"(
-----BEGIN CERTIFICATE-----
MIIBijCCATGgAwIBAgIUWAhfFYppcbfyjm0TO1CL1QDC1rEwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHRnV6eiBDQTAgFw0yNjExMjIwNjMzMzFaGA8yMTI2MTAyOTA2
MzMzMVowEjEQMA4GA1UEAwwHRnV6eiBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABOy7I4Nb1nL+CkWEv1oOIQB/37K7fm4r2Q0uK3wElI/mFAgnQg0BV5V+2Gjn
GLy54/kwiLBvcnsUDY/j7WGMdYKjYzBhMB0GA1UdDgQWBBTuDRCxB2xDRaO7ZXvI
0p3jds6RnzAfBgNVHSMEGDAWgBTuDRCxB2xDRaO7ZXvI0p3jds6RnzAPBgNVHRMB
Af8EBTADAQH/MA4GA1UdDwEB/wQEAwIBBjAKBggqhkjOPQQDAgNHADBEAiAgmU03
CGYn2bHHTw7CXUFNvppfY8sM4Y8bN7lppgoStAIgPMHUQzsf3lRB1T/OsSjhDCcg
6IoI7K/d26cI89wKyKc=
-----END CERTIFICATE-----
)";

constexpr std::string_view certificate = R"(
-----BEGIN CERTIFICATE-----
MIIBcDCCARagAwIBAgICEjQwCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHRnV6eiBD
QTAgFw0yNjExMjIwNjMzMzFaGA8yMTI2MTAyOTA2MzMzMVowDzENMAsGA1UEAwwE
bGVhZjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABExRJptEyAvkxZhZFFUbK2E9
qQNm7TKUEuLeuYdm9aE3v7lB2tZEAsxhp70cjPx2LPqcqHAegw1K7OFhMJSUzm6j
XTBbMBkGA1UdEQQSMBCBDmFAZnV6ei5leGFtcGxlMB0GA1UdDgQWBBR9Dpbm2zNo
7znyZHlxlDZjP10LGjAfBgNVHSMEGDAWgBTuDRCxB2xDRaO7ZXvI0p3jds6RnzAK
BggqhkjOPQQDAgNIADBFAiEA6sqjCzLaTP9ywu7HP61F2+g9n1uVnihJLPsX3hoI
Z1ICIFk9LR40gfb+kC6aKxiJmmDQamZlQSNrn+e6fHKHUi70
-----END CERTIFICATE-----
)";

inline pki::StatusNeed need() {
  return {pki::certificates_from_pem(certificate).at(0), pki::certificates_from_pem(issuer).at(0)};
}

}  // namespace siegel::fuzz
