#include "policy/tokens/file_keys.hpp"

#include <algorithm>

#include "core/base/setup_error.hpp"
#include "core/config/file_text.hpp"
#include "core/observe/log.hpp"

namespace junctor {
namespace {

constexpr std::size_t most_key_bytes = 256 << 10;

Result<jose::VerificationKey> parse_one(FileKeys::Form form, std::string text) {
    if (form == FileKeys::Form::pem) return jose::VerificationKey::from_pem(text);
    config::without_line_end(text);
    return jose::VerificationKey::from_secret(as_bytes(text));
}

Result<jose::KeySet> parse(FileKeys::Form form, const std::string& text) {
    if (form == FileKeys::Form::jwks) return jose::KeySet::parse(text, jose::KeySet::Secrets::allowed);
    Result<jose::VerificationKey> key = parse_one(form, text);
    if (!key) return key.error();
    return jose::KeySet({*std::move(key)});
}

}  // namespace

FileKeys::FileKeys(std::filesystem::path file, Form form, const jose::AlgorithmSet& algorithms)
    : file_(std::move(file)), form_(form), algorithms_(algorithms) {
    Reading reading = read();
    if (!reading.problem.empty()) throw SetupError(reading.problem);
    keys_.store(std::move(reading.keys));
}

FileKeys::Reading FileKeys::read() const {
    const config::FileText file = config::read_file(file_, most_key_bytes);
    if (!file.problem.empty()) return {nullptr, "names a file that " + file.problem};
    Result<jose::KeySet> set = parse(form_, file.text);
    if (!set) return {nullptr, "cannot be used: " + set.error().message()};
    return {std::make_shared<const jose::KeySet>(*std::move(set)), {}};
}

bool FileKeys::of_use(const jose::KeySet& keys, const jose::AlgorithmSet& algorithms) noexcept {
    return std::ranges::any_of(keys.keys(), [&](const jose::VerificationKey& key) { return !(key.algorithms() & algorithms).empty(); });
}

bool FileKeys::look() noexcept {
    Reading reading = read();
    if (reading.problem.empty() && !of_use(*reading.keys, algorithms_)) reading.problem = "holds no key for the entry's algorithms";
    if (!reading.problem.empty()) {
        log_error("policy", "token keys kept as they were", {{"file", file_.string()}, {"because", reading.problem}});
        return false;
    }
    keys_.store(std::move(reading.keys));
    log_info("policy", "token keys read again", {{"file", file_.string()}, {"keys", std::to_string(keys()->size())}});
    return true;
}

void FileKeys::start() {
    watch_ = std::make_unique<FileWatch>(file_, [this] { look(); });
}

}  // namespace junctor
