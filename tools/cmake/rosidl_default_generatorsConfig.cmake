# Stands in for rosidl_default_generators while `make setup` builds the interface packages:
# only what rclpy on Fast DDS loads (C structs, the Fast DDS type support and the introspection that it reads, for C; Python), no C++,
# which makes a build several times shorter. colcon does not see this file.
find_package(ament_cmake_core REQUIRED)

set(BUILDING_CTRL_GENERATORS
  rosidl_generator_type_description
  rosidl_generator_c
  rosidl_typesupport_fastrtps_c
  rosidl_typesupport_introspection_c
  rosidl_typesupport_c
  rosidl_generator_py)

# Packages that we depend on pull in every generator that they were built with; only ours register.
macro(ament_register_extension extension_point package_name cmake_filename)
  if(NOT "${extension_point}" STREQUAL "rosidl_generate_idl_interfaces"
      OR "${package_name}" IN_LIST BUILDING_CTRL_GENERATORS)
    list(APPEND AMENT_EXTENSIONS_${extension_point} "${package_name}:${cmake_filename}")
  endif()
endmacro()

find_package(rosidl_cmake REQUIRED)
foreach(generator ${BUILDING_CTRL_GENERATORS})
  find_package(${generator} REQUIRED)
endforeach()

set(rosidl_default_generators_FOUND TRUE)
