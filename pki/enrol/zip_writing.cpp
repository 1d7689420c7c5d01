#include "pki/enrol/zip_writing.h"

#include <chrono>

#include <zip.h>

#include "base/error.h"
#include "base/handle.h"

namespace siegel::pki::enrol {
namespace {

using Source = Handle<zip_source_t, zip_source_free>;
using Archive = Handle<zip_t, zip_discard>;

Error failure(const std::string& what) {
  return {Fault::ours, "the ZIP archive cannot be made; have the batch written as a folder", what};
}

/// The date of MS-DOS, which ZIP keeps: years since 1980, month, day. Without a zone, so that the
/// machine's does not matter.
std::uint16_t dos_date(Time stamp) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(stamp));
  const auto year = static_cast<unsigned>(static_cast<int>(day.year()) - 1980);
  return static_cast<std::uint16_t>((year << 9U) | (static_cast<unsigned>(day.month()) << 5U) |
                                    static_cast<unsigned>(day.day()));
}

void add(zip_t* archive, const BatchFile& file, std::uint16_t date) {
  Source source(zip_source_buffer(archive, file.octets.data(), file.octets.size(), 0));
  if (!source) throw failure(zip_strerror(archive));
  const auto index = zip_file_add(archive, file.name.c_str(), source.get(), ZIP_FL_ENC_UTF_8);
  if (index < 0) throw failure(zip_strerror(archive));
  static_cast<void>(source.release());  // it is the archive's now
  const auto entry = static_cast<zip_uint64_t>(index);
  constexpr zip_uint32_t readable = 0100644U << 16U;
  if (zip_file_set_dostime(archive, entry, 0, date, 0) != 0 ||
      zip_file_set_external_attributes(archive, entry, 0, ZIP_OPSYS_UNIX, readable) != 0)
    throw failure(zip_strerror(archive));
}

std::string content(zip_source_t* source) {
  zip_stat_t facts;
  zip_stat_init(&facts);
  if (zip_source_stat(source, &facts) != 0 || zip_source_open(source) != 0)
    throw failure(zip_error_strerror(zip_source_error(source)));
  std::string octets(static_cast<std::size_t>(facts.size), '\0');
  const auto got = zip_source_read(source, octets.data(), octets.size());
  zip_source_close(source);
  if (got < 0 || static_cast<std::size_t>(got) != octets.size())
    throw failure("what was written cannot be read");
  return octets;
}

}  // namespace

std::string zip_of(const std::vector<BatchFile>& files, Time stamp) {
  const Source written(zip_source_buffer_create(nullptr, 0, 0, nullptr));
  if (!written) throw failure("there is no memory");
  Archive archive(zip_open_from_source(written.get(), ZIP_TRUNCATE, nullptr));
  if (!archive) throw failure("it cannot be begun");
  zip_source_keep(written.get());  // one for the archive, one for us
  const std::uint16_t date = dos_date(stamp);
  for (const BatchFile& file : files) add(archive.get(), file, date);
  if (zip_close(archive.get()) != 0) throw failure(zip_strerror(archive.get()));
  static_cast<void>(archive.release());  // closing has freed it
  return content(written.get());
}

}  // namespace siegel::pki::enrol
