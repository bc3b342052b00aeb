#include "core/config/document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "core/base/utf8.hpp"

namespace junctor::config {

namespace {

/// Ends reading at once; the problem has been added.
struct Stop {};

Position position(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

bool has_control_characters(std::string_view text) {
    for (const char letter : text)
        if ((static_cast<unsigned char>(letter) < 0x20 && letter != '\t' && letter != '\n') || letter == 0x7f) return true;
    return false;
}

/// Builds the tree from the parser's events. `open_` is the path of lists and maps under construction.
class TreeBuilder final : public YAML::EventHandler {
public:
    explicit TreeBuilder(Problems& problems) : problems_(problems) {}

    Node take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { value(made(Node::Kind::nothing, mark)); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark, "aliases are not supported; write the value out"); }
    void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string& text) override {
        if (has_control_characters(text)) return refuse(mark, "control characters are not allowed");
        Node node = made(Node::Kind::scalar, mark);
        node.text = text;
        value(std::move(node));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
        enter(made(Node::Kind::list, mark), mark);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
        enter(made(Node::Kind::map, mark), mark);
    }
    void OnSequenceEnd() override { leave(); }
    void OnMapEnd() override { leave(); }

private:
    [[noreturn]] void stop(const YAML::Mark& mark, const char* sentence) {
        problems_.add(position(mark), sentence);
        throw Stop{};
    }

    void refuse(const YAML::Mark& mark, const char* sentence) {
        problems_.add(position(mark), sentence);
        value(made(Node::Kind::reported, mark));
    }

    Node made(Node::Kind kind, const YAML::Mark& mark) {
        if (++count_ > max_document_nodes) stop(mark, "the document holds too many values");
        Node node;
        node.kind = kind;
        node.at = position(mark);
        return node;
    }

    void enter(Node node, const YAML::Mark& mark) {
        if (open_.size() >= max_document_depth) stop(mark, "the document is nested too deeply");
        open_.push_back(std::move(node));
    }

    void leave() {
        Node done = std::move(open_.back());
        open_.pop_back();
        value(std::move(done));
    }

    void value(Node node) {
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Node& parent = open_.back();
        const bool is_key = parent.kind == Node::Kind::map && parent.keys.size() == parent.items.size();
        if (is_key) check_key(parent, node);
        (is_key ? parent.keys : parent.items).push_back(std::move(node));
    }

    void check_key(const Node& map, const Node& key) {
        if (key.kind == Node::Kind::reported) throw Stop{};
        if (key.kind != Node::Kind::scalar) {
            problems_.add(key.at, "a key must be a plain name");
            throw Stop{};
        }
        if (map.keys.size() >= max_section_keys) {
            problems_.add(key.at, "a section cannot hold so many keys");
            throw Stop{};
        }
        if (map.find(key.text) != nullptr) problems_.add(key.at, "'" + key.text + "' is set twice here; keep one");
    }

    Problems& problems_;
    Node root_;
    std::vector<Node> open_;
    std::size_t count_ = 0;
};

struct Wording {
    std::string_view parser;
    std::string_view ours;
};

/// What the parser means, and what to do about it.
constexpr std::array<Wording, 7> wordings{{
    {"illegal map value", "no 'key: value' can begin here; look at the indentation, and put a text with ': ' in it between quotes"},
    {"illegal block entry", "no entry '- ' can begin here; look at the indentation"},
    {"end of map flow not found", "a '{' is not closed before this, or a comma is missing"},
    {"end of sequence flow not found", "a '[' is not closed before this, or a comma is missing"},
    {"end of map not found", "this does not go on with the section above; look at the indentation"},
    {"end of sequence not found", "this does not go on with the list above; look at the indentation"},
    {"the referenced anchor is not defined", "aliases are not supported; write the value out"},
}};

bool begins_with_tab(std::string_view text, int line) {
    for (; line > 1 && !text.empty(); --line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    const std::size_t first = text.find_first_not_of(" ");
    return first != text.npos && text[first] == '\t';
}

std::string sentence(std::string_view text, const YAML::Exception& error) {
    if (begins_with_tab(text, position(error.mark).line)) return "this line begins with a tab; indent with spaces";
    for (const Wording& each : wordings)
        if (each.parser == error.msg) return "not valid YAML: " + std::string(each.ours);
    return "not valid YAML: " + error.msg;
}

/// Other encodings that the parser knows are not what editors write; a Latin-1 text would be taken for something else.
bool is_utf8(std::string_view text, Problems& problems) {
    Position at{1, 1};
    for (std::size_t length = 1; !text.empty(); text.remove_prefix(length)) {
        length = utf8_sequence(text);
        if (length == 0) {
            problems.add(at, "this is no text in UTF-8; save the file as UTF-8");
            return false;
        }
        at = text.front() == '\n' ? Position{at.line + 1, 1} : Position{at.line, at.column + 1};
    }
    return true;
}

Node read(std::string_view text, Problems& problems) {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(problems);
    if (!parser.HandleNextDocument(builder)) return {};
    Node root = builder.take();
    TreeBuilder second(problems);
    if (parser.HandleNextDocument(second)) problems.add(second.take().at, "a second document begins here; one file is one document");
    return root;
}

}  // namespace

std::optional<Node> parse_document(std::string_view text, Problems& problems) {
    if (text.size() > max_document_bytes) {
        problems.add({}, "the document is larger than 1 MiB");
        return std::nullopt;
    }
    if (!is_utf8(text, problems)) return std::nullopt;
    try {
        return read(text, problems);
    } catch (const Stop&) {
        return std::nullopt;
    } catch (const YAML::Exception& error) {
        problems.add(position(error.mark), sentence(text, error));
        return std::nullopt;
    }
}

}  // namespace junctor::config
