#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/config/schema.hpp"

namespace junctor::config {

bool Section::has(std::string_view name) const noexcept {
    const auto found = values_.find(name);
    return found != values_.end() && found->second.present;
}

bool Section::sound(std::string_view name) const noexcept {
    const auto found = values_.find(name);
    return found == values_.end() || found->second.sound;
}

std::vector<Section::Placed> Section::texts_of(Type type) const {
    std::vector<Placed> all;
    for (const auto& [name, value] : values_) {
        if (value.type == type && value.present && value.sound) all.push_back({value.text, where(name)});
        if (value.type != Type::section || !value.present) continue;
        for (Placed& within : value.sections.front().texts_of(type)) all.push_back(std::move(within));
    }
    return all;
}

const Section::Value& Section::value(std::string_view name, std::initializer_list<Type> types) const {
    const auto found = values_.find(name);
    if (found != values_.end() && std::find(types.begin(), types.end(), found->second.type) != types.end()) return found->second;
    std::fprintf(stderr, "configuration field '%.*s' is read as what it is not\n", static_cast<int>(name.size()), name.data());
    std::abort();
}

bool Section::boolean(std::string_view name) const { return value(name, {Type::boolean}).number != 0; }

std::int64_t Section::integer(std::string_view name) const { return value(name, {Type::integer}).number; }

std::size_t Section::size(std::string_view name) const { return static_cast<std::size_t>(value(name, {Type::size}).number); }

Duration Section::duration(std::string_view name) const { return Duration(value(name, {Type::duration}).number); }

const std::string& Section::text(std::string_view name) const {
    return value(name, {Type::text, Type::address, Type::path, Type::directory, Type::secret, Type::choice}).text;
}

const std::string& Section::file(std::string_view name) const { return value(name, {Type::secret}).file; }

const std::vector<std::string>& Section::texts(std::string_view name) const { return value(name, {Type::text_list}).texts; }

const Section& Section::section(std::string_view name) const { return value(name, {Type::section}).sections.front(); }

const std::vector<Section>& Section::sections(std::string_view name) const { return value(name, {Type::section_list}).sections; }

bool Section::Value::same(const Value& other) const {
    const auto same_section = [](const Section& a, const Section& b) { return a.same_values(b); };
    return type == other.type && present == other.present && text == other.text && number == other.number && texts == other.texts &&
           std::equal(sections.begin(), sections.end(), other.sections.begin(), other.sections.end(), same_section);
}

bool Section::same_values(const Section& other, std::initializer_list<std::string_view> except) const {
    const auto excepted = [&](const auto& entry) { return std::find(except.begin(), except.end(), entry.first) != except.end(); };
    const auto all_in = [&](const auto& these, const auto& those) {
        return std::all_of(these.begin(), these.end(), [&](const auto& mine) {
            const auto theirs = those.find(mine.first);
            return excepted(mine) || (theirs != those.end() && mine.second.same(theirs->second));
        });
    };
    return all_in(values_, other.values_) && all_in(other.values_, values_);
}

std::string Section::where(std::string_view name) const {
    const auto found = values_.find(name);
    return found != values_.end() && !found->second.where.empty() ? found->second.where : where_;
}

}  // namespace junctor::config
