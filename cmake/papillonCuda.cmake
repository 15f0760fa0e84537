# papillon::cuda, compiled from its sources by whoever uses it: for the architectures and with the CUDA of the project at hand.
# Needs the language CUDA, the target papillon::papillon, and papillon_cuda_sources, the folder of the .cu files.
add_library(papillon_cuda STATIC ${papillon_cuda_sources}/runtime.cu ${papillon_cuda_sources}/kernels.cu)
add_library(papillon::cuda ALIAS papillon_cuda)
set_target_properties(papillon_cuda PROPERTIES CUDA_RUNTIME_LIBRARY Static POSITION_INDEPENDENT_CODE ON)
target_link_libraries(papillon_cuda PUBLIC papillon::papillon)
target_compile_definitions(papillon_cuda INTERFACE PAPILLON_WITH_CUDA)
# CMake 3.25 refuses CUDA_STANDARD 20, so the flag is spelled out.
target_compile_options(papillon_cuda PRIVATE "$<$<COMPILE_LANGUAGE:CUDA>:-std=c++20>")
