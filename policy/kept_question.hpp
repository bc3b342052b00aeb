#pragma once

#include <string>

#include "core/ports/authorizer.hpp"

namespace junctor {

/// A question that outlives the call it came with.
struct KeptQuestion {
    explicit KeptQuestion(const Question& asked)
        : principal(asked.principal),
          verb(asked.verb),
          object(asked.object),
          session(asked.session),
          protocol(asked.protocol),
          core(asked.core) {}

    Question view() const noexcept { return {principal, verb, object, session, protocol, core}; }
    /// Bytes held, for byte limits; principals are shared.
    std::size_t footprint() const noexcept { return sizeof *this + object.size() + session.size(); }

    PrincipalRef principal;
    Verb verb;
    std::string object;
    std::string session;
    std::string_view protocol;
    CoreId core;
};

/// Does whoever answers one answer the other? The core that asks does not matter.
bool same_question(const Question& one, const Question& other) noexcept;

/// Equal for the same questions, whoever of several authorizers is asked counts as `salt`. Within one process.
std::uint64_t hash_of(const Question& question, std::uint64_t salt) noexcept;

}  // namespace junctor
