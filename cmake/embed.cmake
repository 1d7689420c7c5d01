# cmake -DOUT=file.cpp -DNAME=identifier -DFILES="a;b" -P embed.cmake
# Writes the files' texts into the program: a table from file name to octets.
set(text "#include \"gateway/portal/embedded.h\"\n\nnamespace siegel::portal {\n\n")
string(APPEND text "const std::map<std::string_view, std::string_view>& ${NAME}() {\n")
string(APPEND text "  static const std::map<std::string_view, std::string_view> files{\n")
file(WRITE ${OUT} "${text}")
foreach(path ${FILES})
  get_filename_component(name ${path} NAME)
  file(READ ${path} content)
  file(APPEND ${OUT} "      {\"${name}\", R\"~siegel~(${content})~siegel~\"},\n")
endforeach()
file(APPEND ${OUT} "  };\n  return files;\n}\n\n}  // namespace siegel::portal\n")
