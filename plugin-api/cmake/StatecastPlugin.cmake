# statecast_add_plugin(<name> SOURCES <file>... [LIBRARIES <library>...])
#
# Makes the shared library <name>.so that statecast can load: everything hidden but the entry, no unique symbols (they
# would bind across libraries), no undefined symbols, writable by its owner only. It lands in the current binary
# directory, or in STATECAST_PLUGIN_DIRECTORY where that is set.
function(statecast_add_plugin name)
  cmake_parse_arguments(PLUGIN "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${name} MODULE ${PLUGIN_SOURCES})
  target_link_libraries(${name} PRIVATE statecast::plugin_api ${PLUGIN_LIBRARIES})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON)
  if(STATECAST_PLUGIN_DIRECTORY)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${STATECAST_PLUGIN_DIRECTORY})
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
  endif()
  if(NOT STATECAST_SANITIZE)  # a sanitizer's runtime is resolved in the host
    target_link_options(${name} PRIVATE LINKER:--no-undefined)
  endif()
  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/statecast_plugin.map)
  target_link_options(${name} PRIVATE LINKER:--version-script=${map})
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${map})
  # Under a umask of 002 the file would be writable by its group, and refused.
  add_custom_command(TARGET ${name} POST_BUILD COMMAND chmod go-w $<TARGET_FILE:${name}> VERBATIM)
endfunction()
