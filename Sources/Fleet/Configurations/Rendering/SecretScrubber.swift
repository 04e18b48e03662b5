internal import Glibc
internal import Settings
internal import Wire

/// Takes the manager's secrets out of what agents say.
///
/// Bounded: the last `limit` texts of at least `shortest` bytes; shorter ones are found everywhere. Of a
/// secret of several lines each line counts.
struct SecretScrubber: Sendable {
    static let limit = 4000
    static let shortest = 6

    private var texts: [String] = []
    private var known: Set<String> = []
    /// The texts as bytes, the longest first.
    private var patterns: [[UInt8]] = []
    /// How often a text was added.
    private(set) var generation: UInt64 = 0

    mutating func note(_ secret: String) {
        guard !known.contains(secret) else { return }
        let before = texts.count
        let lines = [secret] + secret.split(whereSeparator: \.isNewline).map(String.init)
        // As it stands in configurations, where a collector expands `$`, and in JSON and YAML.
        for line in lines.flatMap({ [$0, TemplateText.escaped($0), Self.quoted($0)] })
        where line.utf8.count >= Self.shortest && known.insert(line).inserted { texts.append(line) }
        guard texts.count > before else { return }
        generation += 1
        while texts.count > Self.limit { known.remove(texts.removeFirst()) }
        patterns = texts.map { Array($0.utf8) }.sorted { $0.count > $1.count }
    }

    private static func quoted(_ text: String) -> String {
        String(Tree.text(TemplateText.escaped(text)).json().dropFirst().dropLast())
    }

    /// `text` with `***` and a fingerprint for each secret.
    func scrub(_ text: String) -> String {
        texts.filter { text.contains($0) }.sorted { $0.utf8.count > $1.utf8.count }
            .reduce(text) { $0.replacing($1, with: Secret($1).description) }
    }

    /// A message in which every byte of a secret is a `*`, so that its parts stay where they are; `nil` when
    /// there is none in it.
    func mask(_ message: Bytes) -> Bytes? {
        guard !patterns.isEmpty else { return nil }
        let isClean = message.withUnsafeBytes { memory in
            patterns.allSatisfy { Self.place(of: $0, in: memory, from: 0) == nil }
        }
        guard !isClean else { return nil }
        var bytes = message.array
        for pattern in patterns {
            var start = 0
            while let place = bytes.withUnsafeBytes({ Self.place(of: pattern, in: $0, from: start) }) {
                for index in place..<(place + pattern.count) { bytes[index] = UInt8(ascii: "*") }
                start = place + pattern.count
            }
        }
        return Bytes(bytes)
    }

    private static func isFrequent(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "-"),
            UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "\""):
            true
        default: false
        }
    }

    /// Where a pattern is found first.
    private static func place(
        of pattern: [UInt8], in memory: UnsafeRawBufferPointer, from start: Int
    ) -> Int? {
        guard let base = memory.baseAddress else { return nil }
        // Configurations are full of small letters and spaces, so something else is looked for.
        let anchor = pattern.firstIndex { !Self.isFrequent($0) } ?? 0
        var place = start
        while memory.count - place >= pattern.count {
            let length = memory.count - place - pattern.count + 1
            guard let found = memchr(base + place + anchor, Int32(pattern[anchor]), length) else {
                return nil
            }
            place = UnsafeRawPointer(found) - base - anchor
            if memcmp(base + place, pattern, pattern.count) == 0 { return place }
            place += 1
        }
        return nil
    }
}
