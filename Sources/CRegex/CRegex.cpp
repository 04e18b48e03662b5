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

// The header numbers the codes as RE2 does, and is C: RE2's own names cannot stand there.
static_assert(static_cast<int>(apus_regex_internal) == static_cast<int>(RE2::ErrorInternal), "code of RE2");
static_assert(static_cast<int>(apus_regex_bad_escape) == static_cast<int>(RE2::ErrorBadEscape), "code of RE2");
static_assert(static_cast<int>(apus_regex_bad_class) == static_cast<int>(RE2::ErrorBadCharClass), "code of RE2");
static_assert(static_cast<int>(apus_regex_bad_class_range) == static_cast<int>(RE2::ErrorBadCharRange), "code of RE2");
static_assert(static_cast<int>(apus_regex_missing_bracket) == static_cast<int>(RE2::ErrorMissingBracket), "code of RE2");
static_assert(static_cast<int>(apus_regex_missing_parenthesis) == static_cast<int>(RE2::ErrorMissingParen), "code of RE2");
static_assert(static_cast<int>(apus_regex_unexpected_parenthesis) == static_cast<int>(RE2::ErrorUnexpectedParen), "code of RE2");
static_assert(static_cast<int>(apus_regex_trailing_backslash) == static_cast<int>(RE2::ErrorTrailingBackslash), "code of RE2");
static_assert(static_cast<int>(apus_regex_repeat_argument) == static_cast<int>(RE2::ErrorRepeatArgument), "code of RE2");
static_assert(static_cast<int>(apus_regex_repeat_size) == static_cast<int>(RE2::ErrorRepeatSize), "code of RE2");
static_assert(static_cast<int>(apus_regex_repeat_operator) == static_cast<int>(RE2::ErrorRepeatOp), "code of RE2");
static_assert(static_cast<int>(apus_regex_bad_perl_operator) == static_cast<int>(RE2::ErrorBadPerlOp), "code of RE2");
static_assert(static_cast<int>(apus_regex_bad_utf8) == static_cast<int>(RE2::ErrorBadUTF8), "code of RE2");
static_assert(static_cast<int>(apus_regex_bad_name) == static_cast<int>(RE2::ErrorBadNamedCapture), "code of RE2");
static_assert(static_cast<int>(apus_regex_too_large) == static_cast<int>(RE2::ErrorPatternTooLarge), "code of RE2");

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
