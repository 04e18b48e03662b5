internal import CRegex
public import Wire

/// A regular expression in the syntax of RE2 and Go, compiled once and matched by any number of threads.
///
/// Matching takes time in proportion to the text, whatever the expression. Text is UTF-8; a byte that is
/// not part of a character is matched by nothing. Beside Go's syntax, names of groups may have dots and
/// dashes.
///
/// https://github.com/google/re2/wiki/Syntax
public struct RegularExpression: Sendable {
    /// What it was made of.
    public let pattern: String
    /// The name of each group, the whole match first; `nil` for one without.
    public let groupNames: [String?]
    private let program: PatternProgram

    /// Bytes that the program and the caches of one expression may take: 4 MiB.
    public static let memoryLimit = 4 << 20
    /// Bytes that an expression may have: 64 KiB.
    public static let lengthLimit = 64 << 10

    /// Compiles `pattern`, or says what is wrong with it and, where that is known, at which place.
    public init(_ pattern: String) throws(PatternError) {
        guard pattern.utf8.count <= Self.lengthLimit else {
            throw PatternError("an expression may have \(Self.lengthLimit) bytes at most")
        }
        let scan = try GroupScan(pattern)
        do throws(ProgramFailure) {
            program = try PatternProgram(scan.expression, memory: Self.memoryLimit)
        } catch {
            throw error.error(in: pattern, memory: Self.memoryLimit)
        }
        guard program.groupCount + 1 == scan.names.count else {
            throw PatternError("its groups cannot be counted")
        }
        self.pattern = pattern
        groupNames = scan.names
    }

    /// How many groups there are, the whole match not counted.
    public var groupCount: Int { groupNames.count - 1 }

    /// Whether it matches anywhere in `text`; allocates nothing.
    public func matches(_ text: UnsafeRawBufferPointer) -> Bool { program.matches(text) }

    /// Whether it matches anywhere in `text`; allocates nothing.
    public func matches(_ text: Bytes) -> Bool { text.withUnsafeBytes { program.matches($0) } }

    /// Whether it matches anywhere in `text`.
    public func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { program.matches(UnsafeRawBufferPointer($0)) }
    }

    /// One match: where the groups are, as ranges of the bytes of the text.
    public struct Match: Sendable {
        fileprivate var ranges: [apus_regex_range]

        fileprivate init(groups: Int) {
            ranges = Array(repeating: apus_regex_range(start: -1, end: -1), count: groups + 1)
        }

        /// The whole match.
        public var range: Range<Int> { ranges[0].start..<ranges[0].end }

        /// Where a group matched; `nil` for one that took no part and for one that does not exist.
        public subscript(group: Int) -> Range<Int>? {
            guard ranges.indices.contains(group), ranges[group].start >= 0 else { return nil }
            return ranges[group].start..<ranges[group].end
        }
    }

    /// The first match that begins at `position` or later.
    ///
    /// What stands before `position` counts for `^` and `\b`, but is no part of a match.
    public func firstMatch(in text: Bytes, from position: Int = 0) -> Match? {
        precondition(position >= 0 && position <= text.count, "position outside of the text")
        var match = Match(groups: groupCount)
        let found = text.withUnsafeBytes { program.find(in: $0, from: position, into: &match.ranges) }
        return found ? match : nil
    }

    /// Where the group with a name matched.
    public func range(of name: String, in match: Match) -> Range<Int>? {
        groupNames.firstIndex(of: name).flatMap { match[$0] }
    }

    /// Calls `body` for each match from the left, as Go's FindAll finds them, until it returns `false`.
    ///
    /// Matches do not overlap, and an empty match right after another one is left out.
    public func forEachMatch<Failure: Error>(
        in text: Bytes, _ body: (Match) throws(Failure) -> Bool
    ) throws(Failure) {
        try text.withUnsafeBytes { (memory) throws(Failure) in
            var match = Match(groups: groupCount)
            var (position, lastEnd) = (0, -1)
            while position <= memory.count, program.find(in: memory, from: position, into: &match.ranges) {
                let range = match.range
                if !range.isEmpty || range.lowerBound != lastEnd {
                    guard try body(match) else { return }
                }
                lastEnd = range.upperBound
                position = lastEnd
                if range.isEmpty { position = Self.next(after: position, in: memory) }
            }
        }
    }

    /// Writes `text` anew with every match replaced by what `write` appends; `nil` when nothing matches.
    public func replacingMatches<Failure: Error>(
        in text: Bytes, _ write: (Match, inout BytesBuilder) throws(Failure) -> Void
    ) throws(Failure) -> Bytes? {
        var result = BytesBuilder(capacity: 16)
        var (copied, found) = (0, false)
        try forEachMatch(in: text) { (match) throws(Failure) in
            result.append(text[copied..<match.range.lowerBound])
            try write(match, &result)
            copied = match.range.upperBound
            found = true
            return true
        }
        guard found else { return nil }
        result.append(text[copied..<text.count])
        return result.finish()
    }

    /// The position after the character at `position`.
    private static func next(after position: Int, in memory: UnsafeRawBufferPointer) -> Int {
        var next = position + 1
        while next < memory.count, memory[next] & 0xC0 == 0x80 { next += 1 }
        return next
    }
}
