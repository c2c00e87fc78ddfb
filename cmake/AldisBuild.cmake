# How everything here is compiled, and the two functions that the folders' CMakeLists.txt are written with.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(ALDIS_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined")

add_library(aldis_options INTERFACE)
target_include_directories(aldis_options INTERFACE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}")
target_compile_options(aldis_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast
    -fstack-protector-strong -fno-plt)
if(ALDIS_SANITIZE)
    target_compile_options(aldis_options INTERFACE -fsanitize=${ALDIS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(aldis_options INTERFACE -fsanitize=${ALDIS_SANITIZE})
else()
    target_compile_options(aldis_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
endif()
if(ALDIS_FUZZ)
    target_compile_options(aldis_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_link_options(aldis_options INTERFACE -fuse-ld=lld -Wl,-z,relro,-z,now)
include(CheckPIESupported)
check_pie_supported()
# Libraries like programs: otherwise the tests could not use the libraries' precompiled header.
set(CMAKE_CXX_COMPILE_OPTIONS_PIC -fPIE)

find_package(PkgConfig REQUIRED)
pkg_check_modules(expat REQUIRED IMPORTED_TARGET expat)
pkg_check_modules(openssl REQUIRED IMPORTED_TARGET openssl)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(icu REQUIRED IMPORTED_TARGET icu-uc icu-i18n)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)

# The standard library's common headers, compiled once for everybody.
add_library(aldis_pch OBJECT "${PROJECT_SOURCE_DIR}/cmake/pch.cpp")
target_link_libraries(aldis_pch PRIVATE aldis_options)
target_precompile_headers(aldis_pch PRIVATE <algorithm> <array> <atomic> <chrono> <cstddef> <cstdint> <cstring> <deque>
    <expected> <functional> <map> <memory> <mutex> <optional> <span> <stdexcept> <string> <string_view> <thread> <tuple>
    <type_traits> <unordered_map> <utility> <variant> <vector>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # ccache can only reuse results that depend on a precompiled header if the header has no time stamp in it.
    target_compile_options(aldis_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()

# aldis_library(NAME SOURCES file... USES library...)   The library of one folder.
function(aldis_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES;PRIVATE")
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC aldis_options ${arg_USES} PRIVATE ${arg_PRIVATE})
    target_precompile_headers(${name} REUSE_FROM aldis_pch)
endfunction()

# aldis_test(NAME SOURCES file... USES library...)   A GoogleTest program; each of its cases is one ctest case.
function(aldis_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
    find_package(GTest REQUIRED)
    include(GoogleTest)
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE aldis_options ${arg_USES} GTest::gtest GTest::gtest_main GTest::gmock)
    target_precompile_headers(${name} REUSE_FROM aldis_pch)
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 120)
endfunction()

# aldis_fuzzer(NAME SOURCES file... USES library...)   A libFuzzer program; its seeds are in tests/fuzz/corpus/NAME.
function(aldis_fuzzer name)
    if(NOT ALDIS_FUZZ)
        return()
    endif()
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
    add_executable(fuzz_${name} ${arg_SOURCES})
    target_link_libraries(fuzz_${name} PRIVATE aldis_options ${arg_USES})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_precompile_headers(fuzz_${name} REUSE_FROM aldis_pch)
endfunction()
