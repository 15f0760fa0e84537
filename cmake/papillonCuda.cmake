# papillon::cuda, compiled by whoever uses it: for the architectures and with the CUDA of the project at hand. Needs the language
# CUDA and the target papillon::papillon. The files that nvcc compiles are a few lines each and are written here.

# Kernels are named after the instruction set of the host code that launches them (PAPILLON_ISA in papillon/config.hpp), so that
# nvcc has to know it: by default from CMAKE_CXX_FLAGS. Set it to the -m options of your targets if they stand elsewhere.
string(REGEX MATCHALL "(^| )-m[^ ]+" papillon_machine_flags "${CMAKE_CXX_FLAGS}")
list(TRANSFORM papillon_machine_flags STRIP)
set(PAPILLON_CUDA_HOST_FLAGS "${papillon_machine_flags}" CACHE STRING "Options for the host code of .cu files that choose the instruction set")

# papillon_add_kernels(TARGET INCLUDES <header>... [LINES <line>...]): compiles a .cu file of these lines, each of which ends in a
# semicolon that is added here, into TARGET: PAPILLON_INSTANTIATE_KERNEL(my_kernel) is such a line.
function(papillon_add_kernels target)
  cmake_parse_arguments(PARSE_ARGV 1 kernels "" "" "INCLUDES;LINES")
  set(text)
  foreach(header IN LISTS kernels_INCLUDES)
    string(APPEND text "#include <${header}>\n")
  endforeach()
  foreach(line IN LISTS kernels_LINES)
    string(APPEND text "${line};\n")
  endforeach()
  string(MD5 name "${text}")
  set(file "${CMAKE_CURRENT_BINARY_DIR}/${target}_kernels/${name}.cu")
  file(CONFIGURE OUTPUT "${file}" CONTENT "${text}" @ONLY)
  target_sources(${target} PRIVATE "${file}")
  # CMake 3.25 refuses CUDA_STANDARD 20, so the flag is spelled out.
  set(options -std=c++20)
  foreach(flag IN LISTS PAPILLON_CUDA_HOST_FLAGS)
    list(APPEND options "-Xcompiler=${flag}")
  endforeach()
  set_property(SOURCE "${file}" PROPERTY COMPILE_OPTIONS ${options})
endfunction()

add_library(papillon_cuda STATIC)
add_library(papillon::cuda ALIAS papillon_cuda)
set_target_properties(papillon_cuda PROPERTIES CUDA_RUNTIME_LIBRARY Static POSITION_INDEPENDENT_CODE ON)
target_link_libraries(papillon_cuda PUBLIC papillon::papillon)
target_compile_definitions(papillon_cuda INTERFACE PAPILLON_WITH_CUDA)
papillon_add_kernels(papillon_cuda INCLUDES papillon/exec/cuda_runtime.cuh)
papillon_add_kernels(papillon_cuda INCLUDES papillon/kernels.cuh LINES "PAPILLON_INSTANTIATE_KERNELS(float)")
