#pragma once

#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstdint>

namespace junctor {

template <class T>
using Ref = boost::intrusive_ptr<T>;

/// Base of values that several cores hold at once. `Derived` may define `destroy()` to free itself otherwise than by delete.
template <class Derived>
class RefCounted {
public:
    RefCounted(const RefCounted&) = delete;
    RefCounted& operator=(const RefCounted&) = delete;

    friend void intrusive_ptr_add_ref(const RefCounted* counted) noexcept {
        counted->references_.fetch_add(1, std::memory_order_relaxed);
    }
    friend void intrusive_ptr_release(const RefCounted* counted) noexcept {
        // A sole owner needs no read-modify-write: nobody else can take a reference from it meanwhile.
        if (counted->references_.load(std::memory_order_acquire) == 1 ||
            counted->references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            dispose(counted);
    }

protected:
    RefCounted() = default;
    ~RefCounted() = default;
    static void destroy(const Derived* counted) noexcept { delete counted; }

private:
    static void dispose(const RefCounted* counted) noexcept { Derived::destroy(static_cast<const Derived*>(counted)); }

    mutable std::atomic<std::uint32_t> references_{0};
};

}  // namespace junctor
