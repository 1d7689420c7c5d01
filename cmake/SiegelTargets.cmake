# What every target of the house has in common: the language standard, the warnings, the sanitizers,
# and the two shapes of a target (a floor's library, a folder's tests).

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Poco REQUIRED COMPONENTS Foundation Net NetSSL Data DataSQLite)
find_package(PkgConfig REQUIRED)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(GMIME REQUIRED IMPORTED_TARGET gmime-3.0)
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(LIBXML REQUIRED IMPORTED_TARGET libxml-2.0)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(ARGON2 REQUIRED IMPORTED_TARGET libargon2)
pkg_check_modules(P11KIT REQUIRED IMPORTED_TARGET p11-kit-1)

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees overlapping copies where a std::string is built from literals (its bug 105651).
  add_compile_options(-Wno-restrict)
endif()
add_compile_definitions(SPDLOG_FMT_EXTERNAL)
if(SIEGEL_SANITIZE)
  add_compile_options(-fsanitize=${SIEGEL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SIEGEL_SANITIZE})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # Debian's hardening set: a daemon that parses foreign octets gets all of it.
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE)
  add_link_options(-pie -Wl,-z,relro,-z,now)
endif()

# siegel_floor(name SOURCES … [LINKS lower floors …] [USES third-party targets …])
# One static library per folder. LINKS names lower floors only; tests/floors proves the includes.
function(siegel_floor name)
  cmake_parse_arguments(FLOOR "" "" "SOURCES;LINKS;USES" ${ARGN})
  add_library(siegel_${name} STATIC ${FLOOR_SOURCES})
  target_include_directories(siegel_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  list(TRANSFORM FLOOR_LINKS PREPEND siegel_)
  target_link_libraries(siegel_${name} PUBLIC ${FLOOR_LINKS} ${FLOOR_USES})
endfunction()

# siegel_test(name SOURCES … LINKS floors …)
# One GoogleTest program per folder; every case is a ctest case of its own.
function(siegel_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;LINKS;USES" ${ARGN})
  add_executable(test_${name} ${TEST_SOURCES})
  list(TRANSFORM TEST_LINKS PREPEND siegel_)
  target_link_libraries(test_${name} PRIVATE ${TEST_LINKS} ${TEST_USES} GTest::gmock GTest::gtest_main)
  target_compile_definitions(test_${name} PRIVATE SIEGEL_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
                                                  SIEGEL_SOURCE="${PROJECT_SOURCE_DIR}")
  if(SIEGEL_FUZZERS)  # such a build is for the fuzz targets only
    set_target_properties(test_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    return()
  endif()
  gtest_discover_tests(test_${name} TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()

# siegel_uses_regex(sources …)
# GCC 12 with sanitizers takes parts of std::regex for uninitialised (its bug 105562).
function(siegel_uses_regex)
  if(SIEGEL_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -Wno-maybe-uninitialized)
  endif()
endfunction()

# siegel_fuzz(name SOURCES target.cpp LINKS floors … CORPUS folder)
# Under Clang with SIEGEL_FUZZERS: a libFuzzer program. Everywhere: the same target linked to a small
# driver that replays its corpus, so that each finding stays found in the normal test run.
function(siegel_fuzz name)
  cmake_parse_arguments(FUZZ "" "CORPUS" "SOURCES;LINKS;USES" ${ARGN})
  list(TRANSFORM FUZZ_LINKS PREPEND siegel_)
  if(SIEGEL_FUZZERS)
    add_executable(fuzz_${name} ${FUZZ_SOURCES})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(fuzz_${name} PRIVATE ${FUZZ_LINKS} ${FUZZ_USES})
  else()
    add_executable(replay_${name} ${FUZZ_SOURCES} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay.cpp)
    target_link_libraries(replay_${name} PRIVATE ${FUZZ_LINKS} ${FUZZ_USES})
    add_test(NAME fuzz.${name} COMMAND replay_${name} ${FUZZ_CORPUS})
    set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 300)
  endif()
endfunction()
