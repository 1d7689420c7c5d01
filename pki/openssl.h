#pragma once

#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "base/handle.h"

/// The edge to OpenSSL: owners of its objects, and one way to turn its errors into ours.
namespace siegel::pki {

inline void free_x509_stack(STACK_OF(X509) * stack) {
  sk_X509_pop_free(stack, X509_free);
}

using BioHandle = Handle<BIO, BIO_free_all>;
using KeyHandle = Handle<EVP_PKEY, EVP_PKEY_free>;
using KeyContextHandle = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using X509Handle = Handle<X509, X509_free>;
using X509StackHandle = Handle<STACK_OF(X509), free_x509_stack>;

/// Text of OpenSSL's error queue of this thread, oldest first; empties the queue.
[[nodiscard]] std::string drain_openssl_errors();

/// An Error of `fault` for the OpenSSL call `what` that has just failed, with the drained queue as
/// detail.
[[nodiscard]] Error openssl_error(Fault fault, std::string_view what);

/// `made` itself, or an Error{ours} if it is null: every OpenSSL call that makes something goes
/// through here.
template <typename T>
[[nodiscard]] T* checked(T* made, std::string_view what) {
  if (made == nullptr) throw openssl_error(Fault::ours, what);
  return made;
}
/// The same for calls that answer 1 for success.
inline void checked(int result, std::string_view what) {
  if (result <= 0) throw openssl_error(Fault::ours, what);
}

/// A read-only BIO over memory that must outlive it.
[[nodiscard]] BioHandle memory_bio(std::string_view octets);
/// A BIO that gathers what is written to it, and its octets.
[[nodiscard]] BioHandle growing_bio();
[[nodiscard]] std::string octets_of(const BioHandle& bio);

}  // namespace siegel::pki
