#include "gateway/portal/http_date.h"

namespace siegel::portal {

std::string http_date(Time time) {
  // RFC 5322 writes the same, but for the zone.
  const std::string date = rfc5322_date(time);
  return date.substr(0, date.rfind(' ')) + " GMT";
}

}  // namespace siegel::portal
