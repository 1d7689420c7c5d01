#pragma once

#include <deque>
#include <optional>
#include <string>

#include <openssl/cmp.h>

#include "pki/enrol/cmp.h"
#include "pki/enrol/cmp_context.h"

namespace siegel::pki::enrol {

/// Carries the messages of one call between OpenSSL and the CA, and keeps what is needed to go on
/// after a restart. The first answers may come from a stored transaction instead: OpenSSL then
/// stands where it stood when they arrived, and only what it asks next goes to the CA.
class Conversation {
 public:
  /// `transaction` as transaction() gave it, or empty. `post` must outlive it; null: nothing is
  /// sent.
  Conversation(const Cmp::Post* post, std::string_view transaction);
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  /// Makes `context` speak through this, which must outlive it.
  void attach(OSSL_CMP_CTX* context);

  /// It began without a stored transaction, or with one that cannot be read.
  [[nodiscard]] bool is_new() const noexcept { return is_new_; }
  /// What the stored transaction was begun with; nothing if it is new.
  [[nodiscard]] std::optional<CmpBody> begun_with() const noexcept { return begun_with_; }
  /// Answers of the CA itself that have arrived.
  [[nodiscard]] int heard() const noexcept { return heard_; }
  /// Why no answer was had, for the operator; empty if there was one each time.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
  /// The last answer, from wherever, whether it can be believed or not.
  [[nodiscard]] const std::string& last() const noexcept { return last_; }
  /// What to go on with. REQUIRES: OpenSSL has found the CA's answers in order.
  [[nodiscard]] std::string transaction() const { return waiting_ + poll_answer_; }

 private:
  static OSSL_CMP_MSG* transfer(OSSL_CMP_CTX* context, const OSSL_CMP_MSG* request);
  OSSL_CMP_MSG* replay(OSSL_CMP_CTX* context);
  OSSL_CMP_MSG* send(const OSSL_CMP_MSG* request);
  void remember(const std::string& answer, int body);

  const Cmp::Post* post_;
  std::deque<std::string> stored_;
  bool is_new_ = true;
  std::optional<CmpBody> begun_with_;
  int sent_ = 0, heard_ = 0;
  std::string failure_, last_, waiting_, poll_answer_;
};

}  // namespace siegel::pki::enrol
