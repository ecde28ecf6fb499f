# find_package(statecast-plugin-api): the target statecast::plugin_api and the function statecast_add_plugin().
include(${CMAKE_CURRENT_LIST_DIR}/statecast-plugin-api-targets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/StatecastPlugin.cmake)
