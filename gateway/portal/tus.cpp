#include "gateway/portal/tus.h"

#include "base/time.h"
#include "gateway/portal/http_date.h"
#include "gateway/portal/tus_receiver.h"

namespace siegel::portal {
namespace {

using namespace std::chrono_literals;
using transfer::LinkSecret;
using transfer::Refusal;
using transfer::SealedWriter;
using transfer::Upload;

/// How long a client waits for its own older connection to make room.
constexpr std::chrono::milliseconds turn_patience{5s};
constexpr std::string_view extensions =
    "creation,creation-with-upload,termination,checksum,expiration";
/// Of the checksum extension; no status that HTTP knows.
constexpr int checksum_mismatch = 460;

Response said(int status, std::string_view text) {
  return Response::text(status, "text/plain; charset=utf-8", std::string(text) + "\n");
}

Response nowhere() {
  return said(404, "This upload is not known (any more). Begin a new one.");
}

Response refused(Refusal refusal) {
  switch (refusal) {
    case Refusal::file_too_large:
      return said(413, "This file is larger than this service takes. Divide it.");
    case Refusal::owner_full:
      return said(507, "This mailbox keeps too many files. Delete some of its transfers first.");
    case Refusal::store_full:
      break;
  }
  return said(507, "There is no room left. Try again later, or tell the operator.");
}

std::optional<std::uint64_t> count_field(const Request& request, std::string_view name) {
  const auto text = request.field(name);
  return text ? tus::parse_count(*text) : std::nullopt;
}

bool has_part(const Request& request) {
  const auto type = request.field("Content-Type");
  return type && *type == tus::patch_type;
}

/// Present but not understood is refused: else a mistake would go unnoticed.
struct ChecksumField {
  bool is_wrong = false;
  std::optional<tus::Checksum> checksum{};
};
ChecksumField checksum_of(const Request& request) {
  const auto text = request.field("Upload-Checksum");
  if (!text) return {};
  auto checksum = tus::parse_checksum(*text);
  return {!checksum, std::move(checksum)};
}

void say_offset(Response& response, std::uint64_t offset, Time expires) {
  response.fields.set("Upload-Offset", std::to_string(offset));
  response.fields.set("Upload-Expires", http_date(expires));
}

}  // namespace

void Tus::add_routes(Router& router) {
  router.add("OPTIONS", "/uploads", [this](Request& request) { return options(request); });
  router.add("OPTIONS", "/uploads/{secret}", [this](Request& request) { return options(request); });
  router.add("POST", "/uploads", guarded(&Tus::create));
  for (const std::string_view method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
    router.add(method, "/uploads/{secret}", guarded(&Tus::by_method));
}

/// Each answer names the version; a request of another one is told which we speak.
Handler Tus::guarded(Method method) {
  return [this, method](Request& request) {
    const bool is_ours = request.field("Tus-Resumable") == std::optional<std::string>(tus::version);
    Response response = is_ours ? (this->*method)(request)
                                : said(412, "Speak tus 1.0.0, and say so: Tus-Resumable: 1.0.0.");
    response.fields.set("Tus-Resumable", tus::version);
    if (!is_ours) response.fields.set("Tus-Version", tus::version);
    return response;
  };
}

Response Tus::options(Request&) {
  Response response = Response::empty(204);
  response.fields.set("Tus-Resumable", tus::version);
  response.fields.set("Tus-Version", tus::version);
  response.fields.set("Tus-Extension", extensions);
  response.fields.set("Tus-Max-Size", std::to_string(rooms_.config.load()->transfer->limits.file));
  response.fields.set("Tus-Checksum-Algorithm", tus::algorithms);
  return response;
}

Response Tus::create(Request& request) {
  const auto config = rooms_.config.load();
  const auto uploader = owner_(request);
  if (!uploader) return said(401, "Sign in, or open the upload page of an office again.");
  // Told at once: a client would send all its parts before it learns.
  if (request.field("Upload-Concat"))
    return said(400, "Concatenation is not offered (Tus-Extension). Send the file as one upload.");
  const Rate rate{config->transfer->limits.new_uploads_per_hour, 1h};
  if (const auto wait = rooms_.limits.take("new uploads", request.client.ip, rate)) {
    Response busy = said(429, "Too many files in a short time. Go on later.");
    busy.fields.set("Retry-After", std::to_string(wait->count()));
    return busy;
  }
  const auto length = count_field(request, "Upload-Length");
  if (!length) return said(400, "Say how long the file is: Upload-Length, in octets.");
  const std::string told = request.field("Upload-Metadata").value_or("");
  const auto metadata = tus::parse_metadata(told);
  if (!metadata) return said(400, "Upload-Metadata is not well-formed, or too long.");
  auto begun = rooms_.uploads.begin({uploader->owner, metadata->file_name, metadata->media_type,
                                     *length, told, uploader->is_stranger},
                                    *config->transfer);
  if (const auto* const refusal = std::get_if<Refusal>(&begun)) return refused(*refusal);
  const LinkSecret& secret = std::get<LinkSecret>(begun);
  const auto upload = rooms_.uploads.find(secret).value();
  // An empty file is complete at once, and a part may come along (creation-with-upload).
  Response response = receive(upload, request, 201);
  response.fields.set("Location", "/uploads/" + secret.text());
  return response;
}

std::optional<Upload> Tus::upload_of(const Request& request) const {
  const auto secret = LinkSecret::parse(request.parameter("secret"));
  auto upload = secret ? rooms_.uploads.find(*secret) : std::nullopt;
  // A browser goes on with what it finds of the same file. If that was for another mailbox, or of
  // another user, the form would be refused in the end: it has to begin anew.
  const auto uploader = upload ? owner_(request) : std::nullopt;
  if (uploader && !transfer::is_same_owner(uploader->owner, upload->owner)) return std::nullopt;
  return upload;
}

Response Tus::state(Request& request) {
  const auto upload = upload_of(request);
  if (!upload) return Response::empty(404);
  const auto turn = turns_.take(upload->lookup, turn_patience);
  if (!turn) return Response::empty(423);
  const SealedWriter writer(rooms_.store, upload->file());
  Response response = Response::empty(200);
  say_offset(response, writer.offset(), upload->expires);
  response.fields.set("Upload-Length", std::to_string(upload->octets));
  if (!upload->said.empty()) response.fields.set("Upload-Metadata", upload->said);
  return response;
}

Response Tus::append(Request& request) {
  if (!has_part(request)) return said(415, "Send the octets as application/offset+octet-stream.");
  const auto upload = upload_of(request);
  return upload ? receive(*upload, request, 204) : nowhere();
}

Response Tus::receive(const Upload& upload, Request& request, int success) {
  const auto [is_wrong, checksum] = checksum_of(request);
  if (is_wrong) return said(400, "Upload-Checksum: sha1, sha256 or sha512, and base64.");
  const auto turn = turns_.take(upload.lookup, turn_patience);
  if (!turn) return said(423, "Another connection is writing to this upload. Try again soon.");
  SealedWriter writer(rooms_.store, upload.file());
  const bool is_creation = success == 201;
  if (!is_creation && count_field(request, "Upload-Offset") != writer.offset())
    return said(409, "Upload-Offset is not where the upload stands. Ask with HEAD.");
  if (is_creation && !has_part(request)) request.body = Body::of({});
  const auto touch = [&] {
    return rooms_.uploads.touch(upload, rooms_.config.load()->transfer->lives);
  };
  const auto received = tus::receive(request.body, writer, checksum, {*turn, touch});
  if (received == tus::Received::wrong_checksum)
    return said(checksum_mismatch, "The checksum is wrong. Send the part again.");
  if (received == tus::Received::too_much)
    return said(413, "This is more than Upload-Length announced. Nothing of it was kept.");
  Response response = Response::empty(success);
  say_offset(response, writer.offset(), touch());
  return response;
}

Response Tus::terminate(Request& request) {
  const auto secret = LinkSecret::parse(request.parameter("secret"));
  const auto upload = upload_of(request);
  if (!upload) return nowhere();
  const auto turn = turns_.take(upload->lookup, turn_patience);
  if (!turn) return said(423, "Another connection is writing to this upload. Try again soon.");
  rooms_.uploads.cancel(*secret);
  return Response::empty(204);
}

Response Tus::by_method(Request& request) {
  const std::string method = request.field("X-HTTP-Method-Override").value_or(request.method);
  if (method == "HEAD") return state(request);
  if (method == "PATCH") return append(request);
  if (method == "DELETE") return terminate(request);
  return said(405, "Use HEAD, PATCH or DELETE, or name one by X-HTTP-Method-Override.");
}

}  // namespace siegel::portal
