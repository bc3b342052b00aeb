#include <iostream>

#include "gateway/command_line.hpp"

int main(int count, char** arguments) {
    const std::vector<std::string> words(arguments + 1, arguments + count);
    return static_cast<int>(junctor::run_command_line(words, std::cin, std::cout, std::cerr));
}
