#include "policy/authorizers/allow_all.hpp"

namespace junctor::authorizers::allow_all {

AuthorizerDescriptor descriptor() {
    return {.name = "allow_all",
            .summary = "Allows everything to whoever is in.",
            .fields = {},
            .make = [](const config::Section&, const PolicyParts&) { return std::make_shared<AllowAll>(); }};
}

}  // namespace junctor::authorizers::allow_all
