#pragma once

#include <memory>

namespace siegel {

/// Calls a C library's release function; stateless, so that a Handle is as small as a pointer.
template <auto release>
struct Release {
  template <typename T>
  void operator()(T* owned) const noexcept {
    static_cast<void>(release(owned));
  }
};

/// Sole owner of an object of a C library: `using Bio = Handle<BIO, BIO_free_all>;`
template <typename T, auto release>
using Handle = std::unique_ptr<T, Release<release>>;

}  // namespace siegel
