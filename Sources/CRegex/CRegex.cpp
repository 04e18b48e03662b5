#include "CRegex.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

struct apus_regex {
    RE2 expression;

    apus_regex(re2::StringPiece pattern, const RE2::Options &options) : expression(pattern, options) {}
};

namespace {

// Enough for nearly every expression without asking the allocator.
constexpr int kGroupsOnStack = 16;

// RE2 tells an empty text from none by its pointer.
re2::StringPiece piece(const char *text, size_t length) {
    return re2::StringPiece(text == nullptr ? "" : text, length);
}

bool find(
    const apus_regex *regex, re2::StringPiece text, size_t from, apus_regex_range *ranges, int count,
    re2::StringPiece *groups) {
    if (!regex->expression.Match(text, from, text.size(), RE2::UNANCHORED, groups, count)) return false;
    for (int index = 0; index < count; index++) {
        if (groups[index].data() == nullptr) {
            ranges[index] = {-1, -1};
            continue;
        }
        ptrdiff_t start = groups[index].data() - text.data();
        ranges[index] = {start, start + static_cast<ptrdiff_t>(groups[index].size())};
    }
    return true;
}

}  // namespace

apus_regex *apus_regex_compile(const char *pattern, size_t length, int64_t memory, apus_regex_failure *failure) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(memory);
    auto regex = std::unique_ptr<apus_regex>(new apus_regex(piece(pattern, length), options));
    if (regex->expression.ok()) return regex.release();
    const std::string &fragment = regex->expression.error_arg();
    failure->code = regex->expression.error_code();
    failure->length = std::min(fragment.size(), failure->room);
    std::memcpy(failure->fragment, fragment.data(), failure->length);
    return nullptr;
}

void apus_regex_free(apus_regex *regex) { delete regex; }

int apus_regex_group_count(const apus_regex *regex) { return regex->expression.NumberOfCapturingGroups(); }

bool apus_regex_matches(const apus_regex *regex, const char *text, size_t length) {
    return regex->expression.Match(piece(text, length), 0, length, RE2::UNANCHORED, nullptr, 0);
}

bool apus_regex_find(
    const apus_regex *regex, const char *text, size_t length, size_t from, apus_regex_range *ranges, int count) {
    if (count <= kGroupsOnStack) {
        re2::StringPiece groups[kGroupsOnStack];
        return find(regex, piece(text, length), from, ranges, count, groups);
    }
    std::vector<re2::StringPiece> groups(count);
    return find(regex, piece(text, length), from, ranges, count, groups.data());
}
