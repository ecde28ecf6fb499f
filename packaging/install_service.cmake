# Run by `cmake --install`, when the prefix is known: the configuration, the systemd unit, and the user that it runs as.
# Under /usr the configuration goes to /etc; under every other prefix everything stays within the prefix.
get_filename_component(prefix ${CMAKE_INSTALL_PREFIX} ABSOLUTE)
if(prefix STREQUAL "/usr")
  set(etc /etc/statecast)
else()
  set(etc ${prefix}/etc/statecast)
endif()

# What somebody has edited stays; the new default is among the examples.
if(EXISTS $ENV{DESTDIR}${etc}/statecast.yaml)
  message(STATUS "Kept: $ENV{DESTDIR}${etc}/statecast.yaml")
else()
  file(INSTALL DESTINATION ${etc} TYPE FILE FILES ${config})
endif()

set(statecast ${prefix}/${bindir}/statecast)
set(doc ${prefix}/${docdir})
configure_file(${source}/systemd/statecast.service.in ${built}/statecast.service @ONLY)
configure_file(${source}/systemd/tmpfiles.conf.in ${built}/tmpfiles.conf @ONLY)
file(INSTALL DESTINATION ${prefix}/lib/systemd/system TYPE FILE FILES ${built}/statecast.service)
file(INSTALL DESTINATION ${prefix}/lib/sysusers.d TYPE FILE RENAME statecast.conf
     FILES ${source}/systemd/sysusers.conf)
file(INSTALL DESTINATION ${prefix}/lib/tmpfiles.d TYPE FILE RENAME statecast.conf
     FILES ${built}/tmpfiles.conf)
