#include "pki/discovery/dns.h"

#include <cerrno>
#include <optional>

#include <poll.h>
#include <unbound.h>

#include "base/error.h"
#include "base/utf8.h"
#include "pki/discovery/dns_record.h"

namespace siegel::pki::discovery {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int internet_class = 1;
constexpr std::size_t idle_limit = 4;

struct DeleteContext {
  void operator()(ub_ctx* context) const { ub_ctx_delete(context); }
};
struct FreeResult {
  void operator()(ub_result* result) const { ub_resolve_free(result); }
};
using Result = std::unique_ptr<ub_result, FreeResult>;

/// What libunbound calls back with. It stays where it is until then.
struct Reply {
  int id = 0;
  bool is_there = false;
  int error = 0;
  Result result{};
};

void take_reply(void* reply, int error, ub_result* result) {
  auto* taken = static_cast<Reply*>(reply);
  taken->is_there = true;
  taken->error = error;
  taken->result.reset(result);
}

}  // namespace

/// A libunbound context with a thread of its own, used for one address at a time.
class DnsZone::Resolver {
 public:
  explicit Resolver(const config::DnsKeys& settings) : context_(ub_ctx_create()) {
    if (!context_) throw refused("no context");
    check(ub_ctx_debugout(context_.get(), nullptr));  // our log is elsewhere
    check(ub_ctx_async(context_.get(), 1));
    check(ub_ctx_add_ta_file(context_.get(), settings.trust_anchor.c_str()));
    if (!settings.resolver) return;
    const std::string where =
        settings.resolver->host + '@' + std::to_string(settings.resolver->port);
    check(ub_ctx_set_option(context_.get(), "do-not-query-localhost:", "no"));
    check(ub_ctx_set_fwd(context_.get(), where.c_str()));
  }

  void begin(const std::string& name, int type, Reply& reply) {
    check(ub_resolve_async(context_.get(), name.c_str(), type, internet_class, &reply, &take_reply,
                           &reply.id));
  }

  /// The answer, whatever it is worth. Throws Error{world} if there is none by `deadline`.
  [[nodiscard]] Result finish(Reply& reply, Clock::time_point deadline) {
    while (!reply.is_there && wait(deadline)) check(ub_process(context_.get()));
    if (!reply.is_there) {
      ub_cancel(context_.get(), reply.id);
      throw Error(Fault::world, "the DNS gives no answer in time");
    }
    if (reply.error != 0)
      throw Error(Fault::world,
                  std::string("the DNS gives no answer: ") + ub_strerror(reply.error));
    return std::move(reply.result);
  }

 private:
  [[nodiscard]] bool wait(Clock::time_point deadline) const {
    const auto rest =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (rest.count() <= 0) return false;
    pollfd watched{ub_fd(context_.get()), POLLIN, 0};
    return ::poll(&watched, 1, static_cast<int>(rest.count())) >= 0 || errno == EINTR;
  }
  static Error refused(const std::string& why) {
    return {Fault::ours,
            "keys cannot be looked up in the DNS; check discovery.dns in siegel.yaml, its trust "
            "anchor above all",
            "libunbound: " + why};
  }
  static void check(int code) {
    if (code != 0) throw refused(ub_strerror(code));
  }

  std::unique_ptr<ub_ctx, DeleteContext> context_;
};

namespace {

void say(Finds& finds, const std::string& trouble) {
  finds.trouble += (finds.trouble.empty() ? "" : "; ") + trouble;
}

/// The data of an answer, if DNSSEC vouches for it; else nothing, and why.
template <typename Take>
void take_secure(const ub_result& answer, Finds& finds, Take take) {
  if (answer.bogus != 0) {
    finds.is_partial = true;  // somebody is in the way of the true answer, or it is being mended
    say(finds, "DNSSEC fails: " + printable(answer.why_bogus == nullptr ? "" : answer.why_bogus));
    return;
  }
  if (answer.havedata == 0) return;
  if (answer.secure == 0) {
    say(finds, "its zone is not signed, so that nobody vouches for the record");
    return;
  }
  for (std::size_t i = 0; answer.data[i] != nullptr && i <= finds_limit; ++i)
    take(std::string_view(answer.data[i], static_cast<std::size_t>(answer.len[i])), finds);
}

/// RFC 1035 §4.1.1: not there is an answer, all else but NOERROR is none.
void check_code(const ub_result& answer) {
  constexpr int no_error = 0;
  constexpr int no_such_name = 3;
  if (answer.bogus != 0 || answer.rcode == no_error || answer.rcode == no_such_name) return;
  throw Error(Fault::world, "the DNS answers with error " + std::to_string(answer.rcode));
}

}  // namespace

DnsZone::DnsZone(config::DnsKeys settings) : settings_(std::move(settings)) {}

DnsZone::~DnsZone() = default;

bool DnsZone::serves(const Address& /*address*/) const {
  return settings_.smimea || settings_.openpgpkey;
}

std::string DnsZone::asked(const Address& address) const {
  return "dns of " + address.domain();
}

Finds DnsZone::ask(const Address& address, std::chrono::milliseconds patience) const {
  const auto deadline = Clock::now() + patience;
  Reply smimea, openpgpkey;  // they outlive the resolver, which writes to them
  auto resolver = lend();
  if (settings_.smimea) resolver->begin(smimea_name(address), smimea_type, smimea);
  if (settings_.openpgpkey) resolver->begin(openpgpkey_name(address), openpgpkey_type, openpgpkey);

  Finds finds;
  std::optional<Error> problem;
  const auto take = [&](Reply& reply, auto take_record) {
    try {
      const Result answer = resolver->finish(reply, deadline);
      check_code(*answer);
      take_secure(*answer, finds, take_record);
    } catch (const Error& error) {
      if (error.fault() != Fault::world) throw;
      problem = error;
    }
  };
  if (settings_.smimea) take(smimea, &take_smimea);
  if (settings_.openpgpkey) take(openpgpkey, &take_openpgpkey);
  if (!problem) {
    give_back(std::move(resolver));  // one that has failed is not kept
    return finds;
  }
  if (finds.is_empty()) throw *problem;
  finds.is_partial = true;
  say(finds, problem->said());
  return finds;
}

std::unique_ptr<DnsZone::Resolver> DnsZone::lend() const {
  auto lent = idle_.with([](auto& idle) -> std::unique_ptr<Resolver> {
    if (idle.empty()) return nullptr;
    auto last = std::move(idle.back());
    idle.pop_back();
    return last;
  });
  return lent ? std::move(lent) : std::make_unique<Resolver>(settings_);
}

void DnsZone::give_back(std::unique_ptr<Resolver> resolver) const {
  idle_.with([&](auto& idle) {
    if (idle.size() < idle_limit) idle.push_back(std::move(resolver));
  });
}

}  // namespace siegel::pki::discovery
