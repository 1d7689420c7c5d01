#include "pki/enrol/cover_sheet.h"

#include <fmt/format.h>

#include "base/html.h"

namespace siegel::pki::enrol {
namespace {

constexpr std::string_view top = R"(<!DOCTYPE html>
<html lang="de">
<head>
<meta charset="utf-8">
<title>Zertifikatsanträge, Stapel {0}</title>
<style>
body {{ font-family: sans-serif; font-size: 10pt; margin: 2cm }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ border: 1px solid #666; padding: 2pt 4pt; text-align: left }}
thead {{ display: table-header-group }}
tr {{ page-break-inside: avoid }}
.sign {{ margin-top: 2cm }}
code {{ word-break: break-all }}
</style>
</head>
<body>
<h1>Zertifikatsanträge für Funktionspostfächer</h1>
<p lang="en">Certification requests for functional mailboxes</p>
<dl>
<dt>Stapel / batch</dt><dd>{0}</dd>
<dt>Datum / date</dt><dd>{1}</dd>
<dt>Anzahl / requests</dt><dd>{2}</dd>
<dt>SHA-256 von / of manifest.csv</dt><dd><code>{3}</code></dd>
</dl>
<table>
<thead><tr><th>Nr.</th><th>Postfach</th><th>Name im Zertifikat</th><th>Zweck</th><th>Verantwortlich</th><th>Schlüssel (SHA-256)</th></tr></thead>
<tbody>
)";

constexpr std::string_view bottom = R"(</tbody>
</table>
<p class="sign">Antragsteller / applicant: ______________________ Datum / date: ____________</p>
<p class="sign">Registrierungsstelle / registration authority: ______________________ Datum / date: ____________</p>
</body>
</html>
)";

std::string_view purpose_in_words(Purpose purpose) {
  switch (purpose) {
    case Purpose::sign:
      return "Signatur";
    case Purpose::encrypt:
      return "Verschlüsselung";
    case Purpose::both:
      break;
  }
  return "Signatur und Verschlüsselung";
}

std::string row_of(const Request& request) {
  return fmt::format(
      "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td><code>{}…</code></td></tr>\n",
      request.id, escaped_html(request.wish.mailbox.str()), escaped_html(request.subject),
      purpose_in_words(request.purpose), escaped_html(request.wish.owner.str()),
      request.key_id.substr(0, 32));
}

}  // namespace

std::string cover_sheet(const std::string& batch, const std::vector<Request>& requests,
                        const std::string& manifest_hash, Time now) {
  std::string html = fmt::format(top, escaped_html(batch), rfc3339_date(now), requests.size(),
                                 escaped_html(manifest_hash));
  for (const Request& request : requests) html += row_of(request);
  return html.append(bottom);
}

}  // namespace siegel::pki::enrol
