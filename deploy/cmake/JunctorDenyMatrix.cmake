# Every connector stands in the deny matrix (tests/interop/deny_matrix_test.py), which tries each verb through it with somebody who may not:
# a connector without its row is not built.

# junctor_require_deny_row(FOLDER): stops the build unless the row of the connector in that folder is there.
function(junctor_require_deny_row folder)
  get_filename_component(system ${folder} NAME)
  set(row tests/interop/deny_matrix/${system}.py)
  file(GLOB found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${row})  # looked for again when it comes or goes
  if(NOT found)
    message(FATAL_ERROR "connectors/${system} has no row in the deny matrix: write ${row} (what a row is stands in its neighbour __init__.py)")
  endif()
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${found})
  file(STRINGS ${found} verbs REGEX "^VERBS = ")
  if(NOT verbs)
    message(FATAL_ERROR "${row} names no verbs: write VERBS = {\"connect\", ...} there")
  endif()
  file(GLOB doors CONFIGURE_DEPENDS ${folder}/listener*.cpp)
  if(doors AND verbs MATCHES "VERBS = (set\\(\\)|{})")
    message(FATAL_ERROR "connectors/${system} lets clients in, and ${row} names no verbs: write VERBS = {\"connect\", ...} there")
  endif()
endfunction()
