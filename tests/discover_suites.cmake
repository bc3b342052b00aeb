# cmake -DPROGRAM=... -DOUTPUT=... -P discover_suites.cmake, run when a gtest program has been linked: writes what tells ctest each of its
# suites. A process for each of two thousand cases would cost minutes of starting under sanitizers.
execute_process(COMMAND ${PROGRAM} --gtest_list_tests OUTPUT_VARIABLE listing RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "${PROGRAM} cannot list its tests")
endif()
string(REGEX MATCHALL "\n[A-Za-z0-9_/]+\\." suites "\n${listing}")
if(NOT suites)
  message(FATAL_ERROR "${PROGRAM} has no tests")
endif()
set(script "")
foreach(suite IN LISTS suites)
  string(REGEX REPLACE "[\n.]" "" suite ${suite})
  string(APPEND script "add_test([==[${suite}]==] [==[${PROGRAM}]==] [==[--gtest_filter=${suite}.*]==])\n"
                       "set_tests_properties([==[${suite}]==] PROPERTIES LABELS unit TIMEOUT 600)\n")
endforeach()
file(WRITE ${OUTPUT} "${script}")
