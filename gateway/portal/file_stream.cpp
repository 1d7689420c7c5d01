#include "gateway/portal/file_stream.h"

#include <memory>

#include "gateway/portal/content_disposition.h"
#include "gateway/portal/open_file.h"
#include "gateway/portal/range.h"
#include "gateway/portal/zip_stream.h"
#include "gateway/transfer/letters.h"

namespace siegel::portal {
namespace {

using transfer::Parcel;
using transfer::ParcelFile;
using transfer::Ticket;

constexpr auto any_octets = "application/octet-stream";  // never what a stranger says it is

Stream stream_of(std::shared_ptr<OpenFile> file, std::uint64_t begin, std::uint64_t length) {
  const auto next = [file = std::move(file), at = begin, end = begin + length]() mutable {
    if (at == end) return std::string_view();
    const std::string_view piece = file->read(at).substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(end - at, transfer::chunk_octets)));
    at += piece.size();
    return piece;
  };
  return {next, length};
}

/// Told once for each recipient and file: a browser that fetches it again is no news.
void note_fetched(const Desk& desk, const Parcel& parcel, const std::string& recipient,
                  const std::vector<ParcelFile>& files) {
  const auto news = desk.parcels.note_fetched(parcel.id, recipient, files);
  if (news.empty() || !transfer::is_sent_by_owner(parcel.origin)) return;
  const auto config = desk.config.load();
  const auto house = transfer::letters::house_of(*config->transfer);
  desk.outbox.put({parcel.owner, house.name, parcel.owner,
                   transfer::letters::fetched(house, parcel, recipient, news)});
}

/// After the last octet: nothing that fails here is the client's business any more.
std::function<void(Sent)> telling(const Desk& desk, const Ticket& ticket,
                                  std::vector<ParcelFile> files) {
  return [&desk, parcel = ticket.parcel, recipient = ticket.recipient,
          files = std::move(files)](Sent sent) {
    if (sent != Sent::whole) return;
    try {
      note_fetched(desk, parcel, recipient, files);
    } catch (const std::exception& error) {
      desk.log.warning("fetch_not_noted", {{"parcel", parcel.id}, {"why", error.what()}});
    }
  };
}

/// The whole file, most of it, or the rest of one that a browser resumes (it then sends If-Range):
/// nobody escapes the count by leaving an octet out, and none is raised by a player that looks at
/// the end first.
bool counts_as_fetched(const RangeChoice& choice, std::uint64_t octets, const Request& request) {
  if (request.method != "GET") return false;
  if (choice.kind != RangeChoice::Kind::part) return true;
  const bool is_most = choice.range.length() > octets / 2;
  const bool ends_it = choice.range.last + 1 == octets;
  return is_most || (ends_it && request.field("If-Range"));
}

Response unsatisfiable(std::uint64_t octets) {
  Response response = Response::empty(416);
  response.fields.set("Content-Range", unsatisfied_range(octets));
  return response;
}

}  // namespace

Response give_file(const Desk& desk, const Ticket& ticket, const Request& request) {
  const ParcelFile& file = ticket.parcel.files.at(*ticket.position);
  const std::string etag = '"' + file.id.str() + '"';
  const RangeChoice choice =
      choose_range({request.field("Range"), request.field("If-Range")}, file.octets, etag);
  if (choice.kind == RangeChoice::Kind::unsatisfiable) return unsatisfiable(file.octets);
  const bool is_part = choice.kind == RangeChoice::Kind::part;
  const std::uint64_t begin = is_part ? choice.range.first : 0;
  const std::uint64_t length = is_part ? choice.range.length() : file.octets;
  Response response =
      Response::stream(is_part ? 206 : 200, any_octets,
                       stream_of(std::make_shared<OpenFile>(desk, ticket, file), begin, length));
  if (is_part) response.fields.set("Content-Range", content_range(choice.range, file.octets));
  response.fields.set("Accept-Ranges", "bytes");
  response.fields.set("ETag", etag);
  response.fields.set("Content-Disposition", attachment_disposition(file.name));
  if (counts_as_fetched(choice, file.octets, request))
    response.then = telling(desk, ticket, {file});
  return response;
}

Response give_all(const Desk& desk, const Ticket& ticket, const Request& request) {
  std::vector<ZipEntry> entries;
  const auto shared = std::make_shared<const Ticket>(
      Ticket{ticket.parcel, ticket.link, ticket.recipient, ticket.position,
             pki::Secret(std::string(ticket.key.octets()))});
  for (const ParcelFile& file : ticket.parcel.files)
    entries.push_back({safe_file_name(file.name), file.octets, [&desk, shared, file] {
                         const auto open = std::make_shared<OpenFile>(desk, *shared, file);
                         return [open](std::uint64_t offset) { return open->read(offset); };
                       }});
  const auto zip = std::make_shared<ZipStream>(std::move(entries), ticket.parcel.created);
  Response response = Response::stream(200, "application/zip", {[zip] { return zip->next(); }, {}});
  response.fields.set("Content-Disposition",
                      attachment_disposition(rfc3339_date(ticket.parcel.created) + ".zip"));
  if (request.method == "GET") response.then = telling(desk, ticket, ticket.parcel.files);
  return response;
}

}  // namespace siegel::portal
