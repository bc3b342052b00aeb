#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "policy/policy_parts.hpp"
#include "policy/secrets/password_edit.hpp"
#include "tests/support/lone_core.hpp"

namespace junctor::test {

/// What an authenticator is made with: one core, whose posted tasks run when the test waits for them.
class PluginTest : public ::testing::Test {
protected:
    PluginTest() {
        std::string made = (std::filesystem::temp_directory_path() / "junctor-plugin-XXXXXX").string();
        folder = mkdtemp(made.data());
    }
    ~PluginTest() override { std::filesystem::remove_all(folder); }

    PolicyParts parts() {
        PolicyParts made{.clock = lone.clock,
                         .post = [this](CoreId, std::function<void(Core&)> task) {
                             const std::lock_guard lock(mutex_);
                             tasks_.push_back(std::move(task));
                             posted_.notify_one();
                         },
                         .changed = [this] { ++changes; },
                         .metrics = [this](CoreId) -> Metrics& { return lone.metrics; },
                         .directory = folder,
                         .tenants = std::make_shared<Tenants>()};
        made.name = "plugin";
        return made;
    }

    /// Runs the next task that is posted, waiting for it.
    void run_posted() {
        std::unique_lock lock(mutex_);
        if (!posted_.wait_for(lock, std::chrono::seconds(30), [this] { return !tasks_.empty(); })) {
            ADD_FAILURE() << "nothing was posted";
            return;
        }
        const auto task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task(lone.core);
    }

    std::filesystem::path users() const { return folder / "users"; }
    void add_user(const std::string& name, const std::string& password, std::vector<std::string> groups = {}, bool scram = false) {
        PasswordEdit edit;
        edit.user = name;
        edit.password = password;
        edit.groups = std::move(groups);
        edit.scram = scram;
        edit.log_cost = 10;
        edit_password_file(users(), edit);
    }
    static Credentials basic(std::string user, std::string password) {
        Credentials shown;
        shown.user = std::move(user);
        shown.password = std::move(password);
        shown.has_password = true;
        return shown;
    }

    std::filesystem::path folder;
    LoneCore lone;
    int changes = 0;
    std::vector<AuthenticationStep> steps;
    AuthenticationDone note = [this](AuthenticationStep step) { steps.push_back(std::move(step)); };

private:
    std::mutex mutex_;
    std::condition_variable posted_;
    std::deque<std::function<void(Core&)>> tasks_;
};

}  // namespace junctor::test
