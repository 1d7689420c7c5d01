#include "gateway/portal/message_pages.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "gateway/mail/body_decoder.h"
#include "gateway/portal/content_disposition.h"
#include "gateway/portal/form_page.h"
#include "gateway/portal/in_words.h"
#include "gateway/portal/kept_uploads.h"
#include "gateway/portal/open_file.h"
#include "gateway/transfer/pickup_letters.h"

namespace siegel::portal {
namespace {

using nlohmann::json;
using transfer::LinkSecret;
using transfer::ParcelFile;
using transfer::Ticket;

constexpr auto any_octets = "application/octet-stream";

const ParcelFile& message_of(const Ticket& ticket) {
  return ticket.parcel.files.at(0);
}

/// The sealed message from its octet `begin` on, as it is read.
class Stretch {
 public:
  Stretch(const Desk& desk, const Ticket& ticket, std::uint64_t begin, std::uint64_t length)
      : file_(desk, ticket, message_of(ticket)), at_(begin), end_(begin + length) {}

  /// None at the end.
  std::string_view next() {
    if (at_ >= end_) return {};
    const std::string_view piece = file_.read(at_).substr(0, static_cast<std::size_t>(end_ - at_));
    at_ += piece.size();
    return piece;
  }

 private:
  OpenFile file_;
  std::uint64_t at_, end_;
};

/// What is attached, decoded while it is sent: it is never here as a whole.
Stream decoded(const Desk& desk, const Ticket& ticket, const AttachedFile& file) {
  struct State {
    Stretch stretch;
    mail::BodyDecoder decoder;
    std::string piece{};
    bool is_over = false;
  };
  const auto state = std::make_shared<State>(
      State{Stretch(desk, ticket, file.begin, file.length), mail::BodyDecoder(file.encoding)});
  const auto next = [state]() -> std::string_view {
    state->piece.clear();
    while (state->piece.empty() && !state->is_over) {
      const std::string_view raw = state->stretch.next();
      state->is_over = raw.empty();
      state->piece = raw.empty() ? state->decoder.finish() : state->decoder.take(raw);
    }
    return state->piece;
  };
  return {next, file.octets};
}

Response as_file(Stream stream, const std::string& name) {
  Response response = Response::stream(200, any_octets, std::move(stream));
  response.fields.set("Content-Disposition", attachment_disposition(name));
  return response;
}

json files_of(const MessageView& view, const std::string& url, Language language) {
  json files = json::array();
  for (std::size_t i = 0; i < view.files.size(); ++i)
    files.push_back({{"file_name", view.files[i].name},
                     {"file_size", size_in_words(view.files[i].octets, language)},
                     {"file_url", url + "/file/" + std::to_string(i)}});
  return files;
}

/// What is not there is absent.
void put_texts(json& data, const MessageView& view) {
  for (const auto& [name, text] :
       {std::pair("from", &view.from), std::pair("to", &view.to), std::pair("cc", &view.cc),
        std::pair("subject", &view.subject), std::pair("text", &view.text)})
    if (!text->empty()) data[name] = *text;
}

/// Told once for each recipient.
void note_read(const Desk& desk, const Ticket& ticket) {
  const auto news =
      desk.links.times_fetched(ticket.parcel, ticket.recipient, 0) > 0
          ? std::vector<ParcelFile>()
          : desk.parcels.note_fetched(ticket.parcel.id, ticket.recipient, {message_of(ticket)});
  if (news.empty()) return;
  const auto config = desk.config.load();
  const auto house = transfer::letters::house_of(*config->transfer);
  desk.outbox.put({ticket.parcel.owner, house.name, ticket.parcel.owner,
                   transfer::letters::message_read(house, ticket.parcel, ticket.recipient)});
}

Response look(const Desk& desk, MessageReader& reader, Request& request) {
  const Visitor visitor(desk, request);
  const auto reading = reader.read(visitor, request);
  if (!reading) return gone(visitor);
  Response page = show_message(desk, visitor, *reading, {});
  if (request.method == "GET") note_read(desk, reading->ticket);
  return page;
}

Response give_original(const Desk& desk, Request& request) {
  const Visitor visitor(desk, request);
  const auto ticket = message_ticket(desk, visitor, request.parameter("ticket"));
  if (!ticket) return gone(visitor);
  const ParcelFile& file = message_of(*ticket);
  const auto stretch = std::make_shared<Stretch>(desk, *ticket, 0, file.octets);
  return as_file({[stretch] { return stretch->next(); }, file.octets}, file.name);
}

std::optional<std::size_t> number_in(const std::string& text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Response give_attached(const Desk& desk, MessageReader& reader, Request& request) {
  const Visitor visitor(desk, request);
  const auto reading = reader.read(visitor, request);
  const auto number = number_in(request.parameter("number"));
  if (!reading || !number || *number >= reading->view.files.size()) return gone(visitor);
  const AttachedFile& file = reading->view.files[*number];
  return as_file(decoded(desk, reading->ticket, file), file.name);
}

}  // namespace

std::optional<Reading> MessageReader::read(const Visitor& visitor, const Request& request) {
  const std::string& text = request.parameter("ticket");
  auto ticket = message_ticket(desk_, visitor, text);
  if (!ticket) return std::nullopt;
  MessageView seen = view(*ticket);
  return Reading{*std::move(ticket), "/v/" + text, std::move(seen)};
}

MessageView MessageReader::view(const Ticket& ticket) {
  const ReadingPlaces::Place place = places_.take(ticket.link);
  const ParcelFile& file = message_of(ticket);
  Stretch stretch(desk_, ticket, 0, file.octets);
  std::string octets;
  octets.reserve(static_cast<std::size_t>(file.octets));
  for (auto piece = stretch.next(); !piece.empty(); piece = stretch.next()) octets += piece;
  return view_of(mail::Message::parse(Blob(std::move(octets))));
}

std::optional<Ticket> message_ticket(const Desk& desk, const Visitor& visitor,
                                     const std::string& text) {
  const auto secret = LinkSecret::parse(text);
  return secret ? desk.links.find_for(*secret, visitor.browser()) : std::nullopt;
}

config::TransferLimits answer_limits(const config::Config& config) {
  // Base64 makes three octets four, and some lines around them (RFC 2045 §6.8).
  constexpr std::uint64_t beside = std::uint64_t{1} << 20U;
  const std::uint64_t octets = config.relay.limits.message_octets;
  config::TransferLimits limits = config.transfer->limits;
  const std::uint64_t most = octets > beside ? (octets - beside) / 100 * 72 : 0;
  limits.transfer = std::min(limits.transfer, most);
  limits.file = std::min(limits.file, limits.transfer);
  return limits;
}

Response show_message(const Desk& desk, const Visitor& visitor, const Reading& reading,
                      const Attempt& attempt) {
  const transfer::Parcel& parcel = reading.ticket.parcel;
  const Language language = visitor.language();
  json data{{"sender_address", parcel.owner.str()},
            {"sent", moment_in_words(parcel.created, language)},
            {"sent_iso", rfc3339(parcel.created)},
            {"text_cut", reading.view.is_cut},
            {"has_attachments", !reading.view.files.empty()},
            {"attachments", files_of(reading.view, reading.url, language)},
            {"original_url", reading.url + "/original"},
            {"original_size", size_in_words(parcel.octets, language)},
            {"answer_url", reading.url + "/answer"},
            {"expires", date_in_words(parcel.expires, language)},
            {"expires_iso", rfc3339_date(parcel.expires)}};
  put_texts(data, reading.view);
  for (const char* const flag :
       {"no_files", "upload_gone", "too_large", "no_answer", "answers_many"})
    data[flag] = false;
  data.update(attempt.problems);
  data["problem"] = !attempt.problems.empty();
  KeptUploads(desk, attempt.form, parcel.owner).put_into(data, language);
  put_limits(data, answer_limits(*desk.config.load()), language);
  if (const auto text = attempt.form.get("answer"); text && !text->empty()) data["answer"] = *text;
  return visitor.page(attempt.problems.empty() ? 200 : 422, "message", data);
}

void add_message_pages(Router& router, const Desk& desk, MessageReader& reader) {
  const auto look_at = [&](Request& request) { return look(desk, reader, request); };
  router.add("GET", "/v/{ticket}", look_at);
  router.add("GET", "/v/{ticket}/original",
             [&](Request& request) { return give_original(desk, request); });
  router.add("GET", "/v/{ticket}/file/{number}",
             [&](Request& request) { return give_attached(desk, reader, request); });
  router.add("GET", "/v/{ticket}/answer", look_at);
  router.add("POST", "/v/{ticket}/answer",
             [&](Request& request) { return answer_message(desk, reader, request); });
}

}  // namespace siegel::portal
