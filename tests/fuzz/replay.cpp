// Runs a fuzz target over its corpus and over mutations of each input: the same ones on every run.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

// An exact-size copy, so that the address sanitizer sees a read past the end.
void run(const Input& input) {
    const Input copy(input.begin(), input.end());
    LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

Input read(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return Input(std::istreambuf_iterator<char>(stream), {});
}

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t bound) {
    return static_cast<std::size_t>(random() % bound);
}

std::uint8_t interesting_byte(Random& random) {
    constexpr std::uint8_t edges[] = {0x00, 0x01, 0x7f, 0x80, 0xc0, 0xed, 0xff, '"', '\\', '{', '[', '+', '#', '/', '%', '\r', '\n'};
    return random() % 2 == 0 ? edges[below(random, std::size(edges))] : static_cast<std::uint8_t>(random());
}

void mutate_once(Input& input, Random& random) {
    const std::size_t at = below(random, input.size());
    const auto position = input.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random() % 5) {
        case 0: input[at] ^= static_cast<std::uint8_t>(1U << (random() % 8)); break;
        case 1: input[at] = interesting_byte(random); break;
        case 2: input.insert(position, interesting_byte(random)); break;
        case 3: input.erase(position); break;
        default: {
            const Input piece(position, input.begin() + static_cast<std::ptrdiff_t>(std::min(input.size(), at + 16)));
            input.insert(input.end(), piece.begin(), piece.end());
        }
    }
}

void run_mutations(const Input& original, std::uint64_t seed, int count) {
    Random random(seed);
    for (int round = 0; round < count; ++round) {
        Input input = original;
        for (std::uint64_t left = 1 + random() % 4; left > 0 && !input.empty(); --left) mutate_once(input, random);
        run(input);
    }
}

// Every prefix of a small input, sixty-four of a large one: truncation is the commonest fault on a wire.
void run_prefixes(const Input& original) {
    const std::size_t step = original.size() / 64 + 1;
    for (std::size_t size = 0; size < original.size(); size += step) {
        run(Input(original.begin(), original.begin() + static_cast<std::ptrdiff_t>(size)));
    }
}

int mutations_per_input() {
    return std::getenv("JUNCTOR_LONG") != nullptr ? 100'000 : 1'000;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
        std::fprintf(stderr, "usage: %s CORPUS_DIRECTORY (which must exist)\n", argv[0]);
        return 2;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1])) {
        if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (std::size_t index = 0; index < files.size(); ++index) {
        const Input input = read(files[index]);
        run(input);
        run_prefixes(input);
        run_mutations(input, index + 1, mutations_per_input());
    }
    std::printf("%zu inputs, %d mutations each\n", files.size(), mutations_per_input());
    return files.empty() ? 1 : 0;
}
