#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <p11-kit/pkcs11.h>

#include "base/error.h"

/// The edge to PKCS#11 v2.40: a library, a session, and one way to turn its answers into Errors.
/// For pki's own sources. Strings that go into it are octets; nothing here knows the PIN's text
/// longer than the call that takes it.
namespace siegel::pki::cryptoki {

/// An Error{ours} for the PKCS#11 call `what` that has answered `rv`. It says what to look at.
[[nodiscard]] Error failure(CK_RV rv, std::string_view what);

inline void demand(CK_RV rv, std::string_view what) {
  if (rv != CKR_OK) throw failure(rv, what);
}

/// A PKCS#11 library, loaded and started for use by many threads. It is never stopped and never
/// unloaded: its state is the process's, and the engine works on the same state.
class Module {
 public:
  /// Throws Error{ours} if there is no such library or it does not start.
  explicit Module(const std::filesystem::path& library);

  [[nodiscard]] CK_FUNCTION_LIST& calls() const noexcept { return *calls_; }

  /// A token, and where it sits.
  struct Slot {
    CK_SLOT_ID id = 0;
    CK_TOKEN_INFO about{};
    [[nodiscard]] std::string label() const;
  };
  /// The token of this label; without a label, the only one. Throws Error{ours} if there is none or
  /// several.
  [[nodiscard]] Slot find(const std::optional<std::string>& label) const;

 private:
  [[nodiscard]] std::vector<Slot> slots() const;

  CK_FUNCTION_LIST* calls_;
};

/// One attribute of an object; `octets` are as PKCS#11 holds them.
struct Attribute {
  CK_ATTRIBUTE_TYPE type;
  std::string octets;
};
using Attributes = std::vector<Attribute>;
[[nodiscard]] std::string octets_of(CK_ULONG number);
[[nodiscard]] std::string yes();
[[nodiscard]] std::string no();

/// A session that may write; for one thread at a time. Closed with its owner.
class Session {
 public:
  Session(const Module& module, CK_SLOT_ID slot);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// Logs the process in, with what PKCS#11 answers: a refusal is no accident.
  [[nodiscard]] CK_RV log_in(std::string pin) const;
  [[nodiscard]] bool is_logged_in() const;
  void generate(CK_MECHANISM_TYPE mechanism, const Attributes& open,
                const Attributes& hidden) const;
  [[nodiscard]] std::vector<CK_OBJECT_HANDLE> find(const Attributes& like) const;
  /// The octets of one attribute of an object, at most 1,024.
  [[nodiscard]] std::string read(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;
  void destroy(CK_OBJECT_HANDLE object) const;

 private:
  CK_FUNCTION_LIST& calls_;
  CK_SESSION_HANDLE handle_ = 0;
};

}  // namespace siegel::pki::cryptoki
