#include "connectors/mqtt/copy_filter.hpp"

#include <gtest/gtest.h>

namespace junctor::mqtt {
namespace {

TEST(CopyFilter, CopiesComeRightBehindWithOtherIdentifiers) {
    CopyFilter filter;
    EXPECT_FALSE(filter.is_copy("t", "x", 1, false, {2}));
    EXPECT_TRUE(filter.is_copy("t", "x", 1, false, {4}));
    EXPECT_TRUE(filter.is_copy("t", "x", 1, false, {6, 8}));
    EXPECT_FALSE(filter.is_copy("t", "x", 1, false, {2}));
    EXPECT_TRUE(filter.is_copy("t", "x", 1, false, {4}));
}

TEST(CopyFilter, WhatDiffersIsAnotherMessage) {
    CopyFilter filter;
    EXPECT_FALSE(filter.is_copy("t", "x", 1, false, {2}));
    EXPECT_FALSE(filter.is_copy("t", "y", 1, false, {4}));
    EXPECT_FALSE(filter.is_copy("u", "y", 1, false, {6}));
    EXPECT_FALSE(filter.is_copy("u", "y", 0, false, {8}));
    EXPECT_FALSE(filter.is_copy("u", "y", 0, true, {10}));
}

TEST(CopyFilter, WithoutIdentifiersNothingIsACopy) {
    CopyFilter filter;
    EXPECT_FALSE(filter.is_copy("t", "x", 1, false, {}));
    EXPECT_FALSE(filter.is_copy("t", "x", 1, false, {}));
    EXPECT_FALSE(filter.is_copy("t", "x", 1, false, {2}));
}

TEST(CopyFilter, AfterAResetNothingHasComeBefore) {
    CopyFilter filter;
    EXPECT_FALSE(filter.is_copy("t", "x", 1, false, {2}));
    filter.reset();
    EXPECT_FALSE(filter.is_copy("t", "x", 1, false, {4}));
}

}  // namespace
}  // namespace junctor::mqtt
