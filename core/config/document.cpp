#include "core/config/document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>

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
        if (map.find(key.text) != nullptr) problems_.add(key.at, "'" + key.text + "' is set twice here; keep one");
    }

    Problems& problems_;
    Node root_;
    std::vector<Node> open_;
    std::size_t count_ = 0;
};

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
    try {
        return read(text, problems);
    } catch (const Stop&) {
        return std::nullopt;
    } catch (const YAML::Exception& error) {
        problems.add(position(error.mark), "not valid YAML: " + error.msg);
        return std::nullopt;
    }
}

}  // namespace junctor::config
