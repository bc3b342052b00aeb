#include "core/runtime/core_mesh.hpp"

namespace junctor {

CoreMesh::CoreMesh(std::uint16_t cores, std::size_t ring_capacity) : cores_(cores) {
    for (std::size_t i = 0; i < std::size_t{cores} * cores; ++i) paths_.push_back(std::make_unique<Path>(ring_capacity));
    for (std::size_t i = 0; i < cores; ++i) bells_.push_back(std::make_unique<Doorbell>());
}

}  // namespace junctor
