#pragma once

#include <functional>
#include <optional>
#include <string>

#include "pki/enrol/office.h"

namespace siegel::pki::enrol {

/// Signs and verifies, encrypts and decrypts with a certificate and its key; answers what went
/// wrong, or nothing. It is given from above, because mail is composed there.
using SelfTest = std::function<std::optional<std::string>(
    const Certificate& certificate, const PrivateKey& key, const Trust& trust, Purpose purpose)>;

/// Puts checked certificates into service: self-test, installation, publication, active. The relay
/// uses them for its next message. A predecessor that is being renewed is superseded. What was
/// interrupted goes on here; one that fails the self-test stays checked.
Report activate(const Office& office, const Filter& filter, const SelfTest& self_test,
                const Progress& progress = {});

}  // namespace siegel::pki::enrol
