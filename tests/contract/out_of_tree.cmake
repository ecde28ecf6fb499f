# Installs the plugin API, builds its examples with find_package, and holds the libraries to the contract.
set(work ${BUILD}/out-of-tree)
file(REMOVE_RECURSE ${work})

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/installed --component plugin-api)
foreach(example hello_state hello_c)
  run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE}/plugin-api/examples/${example} -B ${work}/${example}
      -D CMAKE_PREFIX_PATH=${work}/installed -D CMAKE_COMPILE_WARNING_AS_ERROR=ON -D CMAKE_BUILD_TYPE=Release)
  run(${CMAKE_COMMAND} --build ${work}/${example})
  run(${CMAKE_CTEST_COMMAND} --test-dir ${work}/${example} --output-on-failure)
  run(${CONTRACT} ${work}/${example})
endforeach()
