#include "gateway/portal/connection.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "gateway/portal/dispatch.h"
#include "gateway/portal/security_fields.h"

namespace siegel::portal {
namespace {

using std::chrono::steady_clock;

// RFC 9110 §7.6.1: a list of words
bool says_close(const Fields& fields) {
  const std::string text = fields.get("Connection").value_or("");
  for (std::string_view list = text; !list.empty();) {
    const std::string_view word = list.substr(0, list.find(','));
    if (ascii::equals_ignoring_case(ascii::trim(word), "close")) return true;
    list.remove_prefix(std::min(list.size(), word.size() + 1));
  }
  return false;
}

// RFC 9112 §9.3. HTTP/1.0 with keep-alive is left to history.
Manner manner_for(const RequestHead& head) {
  const bool stays = head.version == Version::http_1_1 && !says_close(head.fields);
  return {head.version,
          head.method == "HEAD" ? Manner::Content::head_only : Manner::Content::with_body,
          stays ? Manner::After::keep_alive : Manner::After::close};
}

Expects expectation(const RequestHead& head) {
  // RFC 9110 §10.1.1: of HTTP/1.0 clients it is not listened to.
  const bool waits = head.version == Version::http_1_1 && head.fields.has("Expect");
  return waits ? Expects::go_ahead : Expects::nothing;
}

}  // namespace

Connection::Connection(const Poco::Net::StreamSocket& socket, Client peer, const Shared& shared)
    : shared_(shared), peer_(std::move(peer)), channel_(socket, shared.stop), incoming_(channel_) {}

void Connection::converse() {
  while (true) {
    Arrival arrival = receive_head();
    // Not cut: what was answered before may still be on its way.
    if (std::holds_alternative<Gone>(arrival)) return channel_.end(std::chrono::milliseconds(0));
    if (const auto* const problem = std::get_if<Problem>(&arrival)) return refuse(*problem);
    if (!serve(std::move(std::get<RequestHead>(arrival)))) return;
  }
}

// A new client has to send its first head, handshake included, in one span of time; others may be
// silent for a while before.
bool Connection::await_request() {
  const auto& patience = shared_.service.patience;
  const auto span = is_first_ ? patience.head : patience.idle;
  channel_.allow_until(steady_clock::now() + span, Channel::OnStop::leave);
  incoming_.rest();
  if (incoming_.buffered().empty() && incoming_.more() != Channel::State::ready) return false;
  if (!is_first_)
    channel_.allow_until(steady_clock::now() + patience.head, Channel::OnStop::finish);
  is_first_ = false;
  return true;
}

Connection::Arrival Connection::receive_head() {
  if (!await_request()) return Gone{};
  bool may_be_empty = true;
  while (true) {
    // RFC 9112 §2.2: an empty line before the request-line is passed over, once.
    if (may_be_empty && incoming_.buffered().starts_with("\r\n")) {
      incoming_.consume(2);
      may_be_empty = false;
    }
    const HeadEnd end = find_head_end(incoming_.buffered());
    if (end.kind == HeadEnd::Kind::found) return take_head(end.position);
    if (auto over = read_on(end)) return *over;
  }
}

Connection::Arrival Connection::take_head(std::size_t octets) {
  auto parsed = parse_request_head(incoming_.buffered().substr(0, octets));
  incoming_.consume(octets);
  if (const auto* const problem = std::get_if<Problem>(&parsed)) return *problem;
  return std::move(std::get<RequestHead>(parsed));
}

// Waits for more of a head, unless it is lost already.
std::optional<Connection::Arrival> Connection::read_on(const HeadEnd& end) {
  if (end.kind == HeadEnd::Kind::bare_lf)
    return Problem{400, "The request is not valid HTTP: lines end with CR LF.", {}};
  if (incoming_.buffered().size() > HeadLimits{}.octets)
    return Problem{431, "The head of the request is too large.", {}};
  const Channel::State state = incoming_.more();
  if (state == Channel::State::ready) return std::nullopt;
  if (state == Channel::State::late)
    return Problem{408, "The request took too long to come. Please try again.", {}};
  return Gone{};
}

bool Connection::serve(RequestHead head) {
  Manner manner = manner_for(head);
  channel_.expect_progress(shared_.service.patience);
  BodyReader reader(channel_, incoming_, head.framing, expectation(head));
  const auto config = shared_.config.load();
  Request request{std::move(head.method),
                  std::move(head.path),
                  std::move(head.query),
                  {},
                  client_behind(peer_, head.fields, config->transfer->proxies),
                  reader.body(),
                  {},
                  {}};
  request.fields = std::move(head.fields);
  Response response = dispatch(shared_, request);
  // Where the next request begins is only known behind the end of this one's body.
  if (!reader.is_finished() || shared_.stop.raised()) manner.after = Manner::After::close;
  channel_.expect_progress(shared_.service.patience);
  return send(response, manner, request);
}

void Connection::refuse(const Problem& problem) {
  Request unread;
  unread.client = peer_;
  shared_.log.info("request_unread", {{"client", peer_.ip}, {"status", problem.status}});
  Response page = problem_page(shared_, problem, unread);
  channel_.expect_progress(shared_.service.patience);
  static_cast<void>(send(page, Manner{}, unread));
}

bool Connection::send(Response& response, const Manner& manner, const Request& request) {
  add_security_fields(response, request.client);
  ResponseWriter writer(channel_, manner, shared_.clock.now());
  const Sent sent = writer.write(response);
  if (response.then) response.then(sent);
  note(request, response, writer);
  if (sent == Sent::cut) {
    channel_.cut();
    return false;
  }
  if (manner.after == Manner::After::keep_alive) return true;
  channel_.end(shared_.service.patience.linger);
  return false;
}

void Connection::note(const Request& request, const Response& response,
                      const ResponseWriter& writer) const {
  if (!writer.failure().empty())
    shared_.log.alarm("response_cut", {{"route", request.route}, {"why", writer.failure()}});
  if (request.method.empty() || request.path == health_path) return;
  shared_.log.info("request", {{"client", request.client.ip},
                               {"method", request.method},
                               {"route", request.route.empty() ? "-" : request.route},
                               {"status", response.status},
                               {"octets", writer.octets()}});
}

}  // namespace siegel::portal
