#pragma once

namespace junctor {

/// Lets this process open as many descriptors as it may: a connection is one each. To be called before there are threads and connections.
void raise_file_limit() noexcept;

}  // namespace junctor
