#pragma once

#include <sys/resource.h>
#include <unistd.h>

namespace junctor::test {

/// Leaves the process as many more descriptors as given, while it lives.
class DescriptorShortage {
public:
    explicit DescriptorShortage(int left) {
        getrlimit(RLIMIT_NOFILE, &before_);
        const int next = dup(0);
        ::close(next);
        rlimit tight = before_;
        tight.rlim_cur = static_cast<rlim_t>(next + left);
        setrlimit(RLIMIT_NOFILE, &tight);
    }
    ~DescriptorShortage() { setrlimit(RLIMIT_NOFILE, &before_); }
    DescriptorShortage(const DescriptorShortage&) = delete;
    DescriptorShortage& operator=(const DescriptorShortage&) = delete;

private:
    rlimit before_;
};

}  // namespace junctor::test
