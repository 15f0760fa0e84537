# cmake -D git=PROGRAM -D source=DIRECTORY -D header=FILE -P git_description.cmake: writes what git says of the commit of the sources, with
# "-dirty" where files differ from it, into a header. Empty where there is no git, or the sources are in no repository of their own.
set(description "")
if(git AND EXISTS ${source}/.git)
  execute_process(COMMAND ${git} -C ${source} describe --always --dirty --abbrev=12 OUTPUT_VARIABLE found RESULT_VARIABLE status
    ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(status EQUAL 0)
    set(description "${found}")
  endif()
endif()
set(text "// Written by cmake/git_description.cmake.\n#pragma once\n\n\
namespace papillon::study {\n\ninline constexpr char const* git_description = \"${description}\";\n\n}  // namespace papillon::study\n")
set(before "")
if(EXISTS ${header})
  file(READ ${header} before)
endif()
if(NOT before STREQUAL text)
  file(WRITE ${header} "${text}")
endif()
