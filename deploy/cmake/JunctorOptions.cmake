# How everything of ours is compiled.

option(JUNCTOR_TESTS "Build the tests" OFF)
option(JUNCTOR_WERROR "Treat warnings as errors" OFF)
set(JUNCTOR_SANITIZE "" CACHE STRING "Sanitizers to build with, for example address,undefined")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Release keeps its asserts: a broken invariant ends the process rather than a message.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")

find_program(JUNCTOR_CCACHE ccache)
if(JUNCTOR_CCACHE)
  # A precompiled header is cached only if its time macros and times do not count; paths relative to the sources let clones share.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${JUNCTOR_CCACHE})
endif()

add_library(junctor_options INTERFACE)
target_include_directories(junctor_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(junctor_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
                                                 -Wold-style-cast -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(junctor_options INTERFACE -fpch-preprocess)
endif()
if(JUNCTOR_WERROR)
  target_compile_options(junctor_options INTERFACE -Werror)
endif()
if(JUNCTOR_SANITIZE)
  add_compile_options(-fsanitize=${JUNCTOR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # UBSan looks at an object's type through a pipe: while a test takes all descriptors away, every object would look wrong.
  add_compile_options(-fno-sanitize=vptr)
  add_link_options(-fsanitize=${JUNCTOR_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-maybe-uninitialized)  # false alarms in <regex> under sanitizers, GCC bug 105562
  endif()
endif()
