#ifndef APUS_CREGEX_H
#define APUS_CREGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A compiled expression of RE2; any number of threads may match with it at once. */
typedef struct apus_regex apus_regex;

/* Where a group matched, as offsets into the text; start is -1 for a group that took no part. */
typedef struct {
    ptrdiff_t start;
    ptrdiff_t end;
} apus_regex_range;

/* Why an expression is refused: the codes of RE2, as they are numbered in re2.h. */
enum {
    apus_regex_internal = 1,
    apus_regex_bad_escape,
    apus_regex_bad_class,
    apus_regex_bad_class_range,
    apus_regex_missing_bracket,
    apus_regex_missing_parenthesis,
    apus_regex_unexpected_parenthesis,
    apus_regex_trailing_backslash,
    apus_regex_repeat_argument,
    apus_regex_repeat_size,
    apus_regex_repeat_operator,
    apus_regex_bad_perl_operator,
    apus_regex_bad_utf8,
    apus_regex_bad_name,
    apus_regex_too_large
};

/* What was refused: the code, and the part of the expression that is at fault, cut off where there is no room. */
typedef struct {
    int code;
    char *fragment;
    size_t room;
    size_t length;
} apus_regex_failure;

/* Compiles an expression that may use `memory` bytes for its program and its caches; NULL when it is refused. */
apus_regex *apus_regex_compile(const char *pattern, size_t length, int64_t memory, apus_regex_failure *failure);

void apus_regex_free(apus_regex *regex);

/* How many groups the expression has, the whole match not counted. */
int apus_regex_group_count(const apus_regex *regex);

/* Whether the expression matches anywhere in the text. */
bool apus_regex_matches(const apus_regex *regex, const char *text, size_t length);

/* Finds the first match that begins at `from` or later and fills in `count` ranges, the whole match first. */
bool apus_regex_find(
    const apus_regex *regex, const char *text, size_t length, size_t from, apus_regex_range *ranges, int count);

#ifdef __cplusplus
}
#endif

#endif
