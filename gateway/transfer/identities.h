#pragma once

#include <cstdint>
#include <string>

#include "gateway/transfer/file_id.h"

/// What a sealed text belongs to: the associated data of each, so that none can stand in another's
/// place. See docs/FORMATS.md.
namespace siegel::transfer::identity {

inline std::string upload_key(const FileId& file) {
  return "upload key " + file.str();
}
inline std::string upload_name(const FileId& file) {
  return "upload name " + file.str();
}
inline std::string upload_said(const FileId& file) {
  return "upload said " + file.str();
}
inline std::string file_key(const std::string& parcel, const FileId& file) {
  return "file key " + parcel + ' ' + file.str();
}
inline std::string file_name(const std::string& parcel, const FileId& file) {
  return "file name " + parcel + ' ' + file.str();
}
inline std::string note(const std::string& parcel) {
  return "note " + parcel;
}
inline std::string link_key(const std::string& parcel) {
  return "link key " + parcel;
}
inline std::string waiting(const std::string& parcel) {
  return "waiting " + parcel;
}
inline std::string ticket_key(const std::string& parcel, std::int64_t position) {
  return "ticket key " + parcel + ' ' + std::to_string(position);
}
inline std::string mail(const std::string& id) {
  return "mail " + id;
}
inline std::string code_to(const std::string& lookup) {
  return "code to " + lookup;
}
inline std::string invitation(const std::string& lookup) {
  return "invitation " + lookup;
}

}  // namespace siegel::transfer::identity
