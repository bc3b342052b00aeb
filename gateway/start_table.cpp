#include "gateway/start_table.hpp"

#include <algorithm>

namespace junctor {

namespace {

using Column = std::string StartRow::*;

std::size_t width(const std::vector<StartRow>& rows, Column column) {
    std::size_t widest = 0;
    for (const StartRow& row : rows) widest = std::max(widest, (row.*column).size());
    return widest;
}

std::string padded(std::string_view text, std::size_t to) { return std::string(text) + std::string(to - text.size() + 2, ' '); }

std::string line(std::string text) {
    text.resize(text.find_last_not_of(' ') + 1);
    return "  " + text + '\n';
}

}  // namespace

std::string start_table(const std::vector<StartRow>& rows) {
    std::vector<StartRow> all{{"CONNECTOR", "ADDRESS", "WHO MAY CONNECT", "a command to try it"}};
    all.insert(all.end(), rows.begin(), rows.end());
    const std::size_t connector = width(all, &StartRow::connector);
    const std::size_t address = width(all, &StartRow::address);
    std::string table;
    for (const StartRow& row : all) {
        table += line(padded(row.connector, connector) + padded(row.address, address) + row.who);
        if (!row.proof.empty()) table += line(padded("", connector) + row.proof);
    }
    return table;
}

}  // namespace junctor
