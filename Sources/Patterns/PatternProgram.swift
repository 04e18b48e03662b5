internal import CRegex

/// Owns what RE2 compiled.
///
/// `@unchecked Sendable` is sound because RE2 matches from any number of threads at once: what RE2 still
/// builds while matching (reverse program, DFA states) it guards itself, and nothing is changed after `init`.
final class PatternProgram: @unchecked Sendable {
    let handle: OpaquePointer
    let groupCount: Int

    init(_ pattern: [UInt8], memory: Int) throws(ProgramFailure) {
        let fragment = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 256)
        defer { fragment.deallocate() }
        var failure = apus_regex_failure(
            code: 0, fragment: fragment.baseAddress, room: fragment.count, length: 0)
        let compiled = pattern.withUnsafeBytes {
            apus_regex_compile(
                $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, Int64(memory), &failure)
        }
        guard let compiled else {
            let text = String(
                decoding: UnsafeRawBufferPointer(
                    rebasing: UnsafeRawBufferPointer(fragment)[..<failure.length]),
                as: UTF8.self)
            throw ProgramFailure(code: failure.code, fragment: text)
        }
        handle = compiled
        groupCount = Int(apus_regex_group_count(compiled))
    }

    deinit { apus_regex_free(handle) }

    /// Whether the expression matches anywhere.
    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        apus_regex_matches(handle, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count)
    }

    /// Finds the first match from `position` on; `ranges` has room for every group that is wanted.
    func find(
        in text: UnsafeRawBufferPointer, from position: Int, into ranges: inout [apus_regex_range]
    ) -> Bool {
        ranges.withUnsafeMutableBufferPointer { room in
            apus_regex_find(
                handle, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count, position,
                room.baseAddress, Int32(room.count))
        }
    }
}

/// What RE2 says about an expression that it refuses.
struct ProgramFailure: Error {
    let code: Int32
    /// The part of the expression that is at fault.
    let fragment: String

    func error(in pattern: String, memory: Int) -> PatternError {
        PatternError(message(memory: memory), at: position(in: pattern))
    }

    private func message(memory: Int) -> String {
        switch code {
        case Int32(apus_regex_bad_escape): "there is no escape '\(fragment)'"
        case Int32(apus_regex_bad_class): "'\(fragment)' is no class of characters"
        case Int32(apus_regex_bad_class_range): "'\(fragment)' is no range or class of characters"
        case Int32(apus_regex_missing_bracket): "'\(fragment)' is not closed: ']' is missing"
        case Int32(apus_regex_missing_parenthesis): "a group is not closed: ')' is missing"
        case Int32(apus_regex_unexpected_parenthesis): "there is a ')' without its '('"
        case Int32(apus_regex_trailing_backslash): "it ends in a single '\\'"
        case Int32(apus_regex_repeat_argument): "there is nothing to repeat before '\(fragment)'"
        case Int32(apus_regex_repeat_size): "'\(fragment)' is no valid repetition; at most 1000 are allowed"
        case Int32(apus_regex_repeat_operator): "'\(fragment)' repeats a repetition"
        case Int32(apus_regex_bad_perl_operator):
            "'\(fragment)' is not supported; RE2 has no look-around and no back-references"
        case Int32(apus_regex_bad_utf8): "it is not valid UTF-8"
        case Int32(apus_regex_bad_name): "'\(fragment)' is no valid or no new name of a group"
        case Int32(apus_regex_too_large):
            "its program would need more than \(memory >> 10) KiB; use fewer or smaller repetitions"
        default: "RE2 cannot compile it (code \(code))"
        }
    }

    /// Where the part at fault is, if that can only be one place.
    private func position(in pattern: String) -> Int? {
        let (pattern, fragment) = (Array(pattern.utf8), Array(fragment.utf8))
        if code == Int32(apus_regex_trailing_backslash) { return pattern.count - 1 }
        // For a parenthesis without its other one, RE2 shows the whole expression.
        let isWhole =
            code == Int32(apus_regex_missing_parenthesis)
            || code == Int32(apus_regex_unexpected_parenthesis)
        guard !isWhole, !fragment.isEmpty, fragment.count <= pattern.count else { return nil }
        let places = (0...pattern.count - fragment.count).filter {
            pattern[$0..<$0 + fragment.count].elementsEqual(fragment)
        }
        return places.count == 1 ? places[0] : nil
    }
}
