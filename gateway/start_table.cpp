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

std::string padded(const std::string& text, std::size_t to) { return text + std::string(to - text.size() + 2, ' '); }

}  // namespace

std::string start_table(const std::vector<StartRow>& rows) {
    std::vector<StartRow> all{{"CONNECTOR", "ADDRESS", "WHO MAY CONNECT", "TRY IT"}};
    all.insert(all.end(), rows.begin(), rows.end());
    std::string table;
    for (const StartRow& row : all) {
        std::string line = "  ";
        for (const Column column : {&StartRow::connector, &StartRow::address, &StartRow::who}) line += padded(row.*column, width(all, column));
        line += row.proof;
        table += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    }
    return table;
}

}  // namespace junctor
