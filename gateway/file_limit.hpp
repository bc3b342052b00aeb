#pragma once

namespace junctor {

/// Lets this process open as many descriptors as it may: a connection is one each.
void raise_file_limit() noexcept;

}  // namespace junctor
