# The kinds of targets this project has. Sources are globbed: a new file in a folder needs no edit here.

# junctor_library(NAME DIRS dir... LINK target...): a static library of all .cpp files directly in the folders.
function(junctor_library name)
  cmake_parse_arguments(ARG "" "" "DIRS;LINK" ${ARGN})
  set(sources)
  foreach(dir IN LISTS ARG_DIRS)
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC junctor_options ${ARG_LINK})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE junctor_options ${ARG_LINK})
  endif()
endfunction()

# junctor_connector(CODEC_LINK target... LINK target...): called by connectors/<system>/CMakeLists.txt.
# codec.cpp and codec_*.cpp become junctor_<system>_codec (core/base only: anyone may use it), the rest junctor_<system>.
function(junctor_connector)
  cmake_parse_arguments(ARG "" "" "CODEC_LINK;LINK" ${ARGN})
  get_filename_component(system ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  file(GLOB codec CONFIGURE_DEPENDS codec.cpp codec_*.cpp)
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  if(codec)
    list(REMOVE_ITEM sources ${codec})
    add_library(junctor_${system}_codec STATIC ${codec})
    target_link_libraries(junctor_${system}_codec PUBLIC junctor_options junctor_base ${ARG_CODEC_LINK})
    list(APPEND ARG_LINK junctor_${system}_codec)
  endif()
  add_library(junctor_${system} STATIC ${sources})
  target_link_libraries(junctor_${system} PUBLIC junctor_options junctor_core ${ARG_LINK})
endfunction()

# Every folder with a CMakeLists.txt under connectors/ is a connector. Writes the table of their descriptors
# (explicit, sorted: no static initialisers, which the linker drops from archives).
function(junctor_add_connectors)
  file(GLOB lists CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/connectors/*/CMakeLists.txt)
  list(SORT lists)
  set(declarations "")
  set(calls "")
  set(libraries "")
  foreach(list IN LISTS lists)
    get_filename_component(folder ${list} DIRECTORY)
    get_filename_component(system ${folder} NAME)
    junctor_require_deny_row(${folder})
    add_subdirectory(${folder})
    string(APPEND declarations "namespace junctor::${system} { Descriptor descriptor(); }\n")
    string(APPEND calls "        ${system}::descriptor(),\n")
    list(APPEND libraries junctor_${system})
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/connectors.cpp @ONLY CONTENT
"#include \"gateway/registry.hpp\"

@declarations@
namespace junctor {

std::vector<Descriptor> connector_descriptors() {
    return {
@calls@    };
}

}  // namespace junctor
")
  add_library(junctor_connectors STATIC ${CMAKE_BINARY_DIR}/generated/connectors.cpp)
  target_link_libraries(junctor_connectors PUBLIC junctor_options junctor_core ${libraries})
endfunction()

# junctor_policy_plugins(FOLDER KIND): every .cpp file directly in policy/FOLDER, and every folder there, is a plug-in of that name. Writes
# the table of their descriptors and adds to JUNCTOR_POLICY_DIRS, JUNCTOR_POLICY_TABLES and JUNCTOR_POLICY_PACKAGES.
function(junctor_policy_plugins folder kind)
  set(base ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
  file(GLOB entries RELATIVE ${base} CONFIGURE_DEPENDS ${base}/*)
  list(SORT entries)
  set(dirs ${JUNCTOR_POLICY_DIRS} ${folder})
  set(packages ${JUNCTOR_POLICY_PACKAGES})
  set(declarations "")
  set(calls "")
  string(SUBSTRING ${kind} 0 1 first)
  string(TOUPPER ${first} first)
  string(SUBSTRING ${kind} 1 -1 rest)
  set(type ${first}${rest}Descriptor)
  foreach(entry IN LISTS entries)
    if(IS_DIRECTORY ${base}/${entry})
      list(APPEND dirs ${folder}/${entry})
      if(EXISTS ${base}/${entry}/CMakeLists.txt)
        list(APPEND packages ${folder}/${entry})
      endif()
      set(name ${entry})
    elseif(entry MATCHES "^(.+)\\.cpp$")
      set(name ${CMAKE_MATCH_1})
    else()
      continue()
    endif()
    string(APPEND declarations "namespace junctor::${folder}::${name} { ${type} descriptor(); }\n")
    string(APPEND calls "        ${folder}::${name}::descriptor(),\n")
  endforeach()
  set(table ${CMAKE_BINARY_DIR}/generated/policy_${folder}.cpp)
  file(CONFIGURE OUTPUT ${table} @ONLY CONTENT
"#include \"policy/plugin.hpp\"

@declarations@
namespace junctor {

std::vector<@type@> @kind@_descriptors() {
    return {
@calls@    };
}

}  // namespace junctor
")
  set(JUNCTOR_POLICY_DIRS ${dirs} PARENT_SCOPE)
  set(JUNCTOR_POLICY_PACKAGES ${packages} PARENT_SCOPE)
  set(JUNCTOR_POLICY_TABLES ${JUNCTOR_POLICY_TABLES} ${table} PARENT_SCOPE)
endfunction()
