#include "pki/enrol/reminder_book.h"

#include "pki/store_sql.h"

namespace siegel::pki::enrol {

std::set<Told> ReminderBook::all() const {
  std::set<Told> found;
  database_.read([&](Database::Session& session) {
    const auto rows = sql::select(
        session, "SELECT about, step, person FROM enrol_reminder WHERE tenant = 'default'");
    for (std::size_t i = 0; i < rows.size(); ++i)
      found.insert({rows.text("about", i), rows.text("step", i), rows.text("person", i)});
  });
  return found;
}

void ReminderBook::note(const std::string& person, const std::vector<Matter>& matters,
                        const std::string& actor) {
  const Time now = clock_.now();
  database_.write([&](Database::Session& session) {
    for (const Matter& matter : matters) {
      sql::run(session,
               "INSERT INTO enrol_reminder (tenant, about, step, person, at) VALUES ('default', "
               "?, ?, ?, ?)",
               matter.about, matter.step, person, to_unix(now));
      sql::record(session, now,
                  {actor, "reminder-sent", matter.mailbox.str(),
                   matter.about + " (" + matter.step + ") to " + person});
    }
  });
}

}  // namespace siegel::pki::enrol
