#include "pki/enrol/cmp_conversation.h"

#include "base/utf8.h"
#include "pki/asn1.h"

namespace siegel::pki::enrol {
namespace {

using Message = Handle<OSSL_CMP_MSG, OSSL_CMP_MSG_free>;

// Request, poll and confirmation, and one more for a CA that says "waiting" twice: a CA that has
// always another answer must not hold us for ever.
constexpr int sends_limit = 4;

/// Cuts the first DER message off `octets`; empty if there is none.
std::string take_message(std::string_view& octets) {
  const auto* const begin = reinterpret_cast<const unsigned char*>(octets.data());
  const unsigned char* end = begin;
  const Message message(d2i_OSSL_CMP_MSG(nullptr, &end, static_cast<long>(octets.size())));
  if (!message) {
    static_cast<void>(drain_openssl_errors());
    return {};
  }
  const auto size = static_cast<std::size_t>(end - begin);
  std::string first(octets.substr(0, size));
  octets.remove_prefix(size);
  return first;
}

Message parse(const std::string& octets) {
  return Message(from_der_exactly<OSSL_CMP_MSG>(octets, d2i_OSSL_CMP_MSG, OSSL_CMP_MSG_free));
}

bool brings_certificates(int body) {
  return body == static_cast<int>(CmpBody::initial_answer) ||
         body == static_cast<int>(CmpBody::answer) ||
         body == static_cast<int>(CmpBody::key_update_answer);
}

/// The request to which `answer` is the answer.
std::optional<CmpBody> request_of(const std::string& answer) {
  const Message message = parse(answer);
  switch (message ? OSSL_CMP_MSG_get_bodytype(message.get()) : -1) {
    case static_cast<int>(CmpBody::initial_answer):
      return CmpBody::initial_request;
    case static_cast<int>(CmpBody::answer):
      return CmpBody::pkcs10_request;
    case static_cast<int>(CmpBody::key_update_answer):
      return CmpBody::key_update_request;
    default:
      return std::nullopt;
  }
}

}  // namespace

Conversation::Conversation(const Cmp::Post* post, std::string_view transaction) : post_(post) {
  constexpr std::size_t most = 2;
  while (!transaction.empty()) {
    std::string message = take_message(transaction);
    if (message.empty() || stored_.size() == most) {
      stored_.clear();
      return;
    }
    stored_.push_back(std::move(message));
  }
  is_new_ = stored_.empty();
  if (!is_new_) begun_with_ = request_of(stored_.front());
}

void Conversation::attach(OSSL_CMP_CTX* context) {
  checked(OSSL_CMP_CTX_set_transfer_cb(context, transfer), "set_transfer_cb");
  checked(OSSL_CMP_CTX_set_transfer_cb_arg(context, this), "set_transfer_cb_arg");
}

// Called by C code, which no exception may cross.
OSSL_CMP_MSG* Conversation::transfer(OSSL_CMP_CTX* context, const OSSL_CMP_MSG* request) {
  auto& self = *static_cast<Conversation*>(OSSL_CMP_CTX_get_transfer_cb_arg(context));
  try {
    return self.stored_.empty() ? self.send(request) : self.replay(context);
  } catch (const Error& problem) {
    self.failure_ = problem.said();
  } catch (const std::exception& problem) {
    self.failure_ = problem.what();
  }
  return nullptr;
}

OSSL_CMP_MSG* Conversation::replay(OSSL_CMP_CTX* context) {
  last_ = std::move(stored_.front());
  stored_.pop_front();
  Message message = parse(last_);
  if (!message) throw Error(Fault::ours, "the stored transaction cannot be read");
  // It answers a request that was sent before the restart, not the one that was made just now.
  const OSSL_CMP_PKIHEADER* head = OSSL_CMP_MSG_get0_header(message.get());
  checked(OSSL_CMP_CTX_set1_transactionID(context, OSSL_CMP_HDR_get0_transactionID(head)),
          "set1_transactionID");
  checked(OSSL_CMP_CTX_set1_senderNonce(context, OSSL_CMP_HDR_get0_recipNonce(head)),
          "set1_senderNonce");
  remember(last_, OSSL_CMP_MSG_get_bodytype(message.get()));
  return message.release();
}

OSSL_CMP_MSG* Conversation::send(const OSSL_CMP_MSG* request) {
  if (post_ == nullptr) return nullptr;
  if (++sent_ > sends_limit)
    throw Error(Fault::world, "the CA answers again and again without coming to an end");
  last_ = (*post_)(to_der(request, i2d_OSSL_CMP_MSG));
  Message message = parse(last_);
  if (!message)
    throw Error(Fault::world,
                "what the server sent is no CMP message; check that cmp.url is the CA's CMP "
                "service, with its whole path");
  ++heard_;
  remember(last_, OSSL_CMP_MSG_get_bodytype(message.get()));
  return message.release();
}

void Conversation::remember(const std::string& answer, int body) {
  if (brings_certificates(body)) {
    waiting_ = answer;
    poll_answer_.clear();
  }
  if (body == static_cast<int>(CmpBody::poll_answer)) poll_answer_ = answer;
}

}  // namespace siegel::pki::enrol
