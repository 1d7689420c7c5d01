#pragma once

#include "gateway/portal/tus.h"
#include "gateway/portal/visitor.h"

namespace siegel::portal {

/// What citizens see and do: /upload/{office} (a mailbox's page), /i/{secret} (by invitation), and
/// /receipt. Without JavaScript the same form comes as multipart/form-data. REQUIRES: `desk` lives
/// longer than the router.
void add_upload_pages(Router& router, const Desk& desk);

/// The path of a mailbox's page: "/upload/bauamt@stadt.example".
[[nodiscard]] std::string upload_path(const config::UploadAddress& office);

/// For whom an upload that begins with `request` is: for the user who is signed in; else for the
/// mailbox or the invitation whose page the browser comes from, which it names in the field
/// X-Siegel-Page. Nothing without this browser's token (X-Siegel-Token).
[[nodiscard]] std::optional<Tus::Uploader> upload_owner(const Desk& desk, const Request& request);

}  // namespace siegel::portal
